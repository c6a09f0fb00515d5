import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../lib/log.ts";
import { openSqlite } from "../database/sqlite.ts";
import { openDatabaseQueue } from "./in-database.ts";

async function openLeased(attempts: number) {
  const database = await openSqlite(":memory:");
  const leased = { payload: "null", priority: 0, run_at: 1, lease_until: 99_000, last_error: null };
  await database
    .insertInto("jobs")
    .values({ kind: "job", key: "a", attempts, ...leased })
    .execute();
  return database;
}

test("jobs that a dead process had taken wait again as soon as the queue is opened", async () => {
  const database = await openLeased(1);
  const queue = await openDatabaseQueue({ database, clock: () => 2_000, log: silentLog });
  const attempt = Promise.withResolvers<number>();
  const worker = await queue.work({ job: async (_, job) => attempt.resolve(job.attempts) }, { concurrency: 1 });
  assert.equal(await attempt.promise, 2);
  await worker.stop();
  await database.destroy();
});

test("a job that took five processes down with it is kept as failed", async () => {
  const database = await openLeased(5);
  const queue = await openDatabaseQueue({ database, clock: () => 2_000, log: silentLog });
  assert.deepEqual(await queue.depth(), {});
  const rows = await database.selectFrom("jobs").select(["failed_at", "last_error"]).execute();
  assert.deepEqual(rows, [{ failed_at: 2_000, last_error: "the process that ran it ended" }]);
  await database.destroy();
});

test("a job that runs here keeps its lease although civil time jumps", async () => {
  const database = await openSqlite(":memory:");
  let time = 1_000;
  const queue = await openDatabaseQueue({ database, clock: () => time, log: silentLog });
  let runs = 0;
  const release = Promise.withResolvers<void>();
  const handle = async () => {
    runs++;
    await release.promise;
  };
  const worker = await queue.work({ job: handle }, { concurrency: 4 });
  await queue.enqueue("job", "a", null);
  time += 86_400_000;
  await queue.enqueue("job", "b", null);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(runs, 2);
  release.resolve();
  await worker.stop();
  assert.deepEqual(await queue.depth(), {});
  await database.destroy();
});

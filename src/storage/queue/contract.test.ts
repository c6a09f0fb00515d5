import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { silentLog } from "../../lib/log.ts";
import type { Database } from "../database/schema.ts";
import { openSqlite } from "../database/sqlite.ts";
import { openDatabaseQueue } from "./in-database.ts";
import type { Queue } from "./queue.ts";

interface Opened {
  readonly queue: Queue;
  readonly database: Kysely<Database>;
  /** Civil time, set by the test. */
  time: number;
}

/** What every driver of the queue promises. A new driver adds a line. */
const DRIVERS: readonly { name: string; open: (test: TestContext) => Promise<Opened> }[] = [
  {
    name: "in database",
    async open(t) {
      const database = await openSqlite(":memory:");
      t.after(() => database.destroy());
      const opened = { database, time: 1_000_000 };
      const queue = await openDatabaseQueue({ database, clock: () => opened.time, log: silentLog, retryMs: 10 });
      return Object.assign(opened, { queue });
    },
  },
];

/** Waits until something is so; fails after five seconds. */
async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await so()) return;
    await sleep(5);
  }
  assert.fail("it did not become so within five seconds");
}

for (const { name, open } of DRIVERS) {
  const start = async (
    t: TestContext,
    queue: Queue,
    handle: (payload: unknown, job: { key: string; attempts: number }) => Promise<void> | void,
    concurrency = 1,
  ) => {
    const worker = await queue.work({ job: async (payload, job) => handle(payload, job) }, { concurrency });
    t.after(() => worker.stop());
    return worker;
  };

  test(`${name}: a job is handled once, with its payload, and is gone`, async (t) => {
    const { queue } = await open(t);
    const seen: unknown[] = [];
    await queue.enqueue("job", "a", { deep: [1, "two", null] });
    assert.deepEqual(await queue.depth(), { job: 1 });
    await start(t, queue, (payload, job) => void seen.push([payload, job]));
    await until(async () => (await queue.depth())["job"] === undefined);
    assert.deepEqual(seen, [[{ deep: [1, "two", null] }, { key: "a", attempts: 1 }]]);
  });

  test(`${name}: a waiting worker takes a new job at once, without a poll`, async (t) => {
    const { queue } = await open(t);
    let taken = 0;
    await start(t, queue, () => {
      taken = performance.now();
    });
    await sleep(50);
    const before = performance.now();
    await queue.enqueue("job", "a", null);
    await until(() => taken > 0);
    assert.ok(taken - before < 200, `${taken - before} ms`);
  });

  test(`${name}: larger priority goes first, then age`, async (t) => {
    const opened = await open(t);
    const { queue } = opened;
    for (const [key, priority] of [
      ["c", 0],
      ["a", 9],
      ["d", 0],
      ["b", 5],
    ] as const) {
      opened.time++;
      await queue.enqueue("job", key, null, { priority });
    }
    const seen: string[] = [];
    await start(t, queue, (_, { key }) => void seen.push(key));
    await until(() => seen.length === 4);
    assert.deepEqual(seen, ["a", "b", "c", "d"]);
  });

  test(`${name}: of one kind and key only one waits; adding it again raises its priority and brings it forward`, async (t) => {
    const opened = await open(t);
    const { queue } = opened;
    await queue.enqueue("job", "late", 1, { runAt: opened.time + 1_000 });
    await queue.enqueue("job", "other", 2, { priority: 3 });
    await queue.enqueue("job", "late", 3, { priority: 5 });
    await queue.enqueue("job", "late", 4, { priority: 1, runAt: opened.time + 2_000 });
    assert.deepEqual(await queue.depth(), { job: 2 });
    const seen: unknown[] = [];
    await start(t, queue, (payload) => void seen.push(payload));
    await until(() => seen.length === 2);
    assert.deepEqual(seen, [1, 2]);
  });

  test(`${name}: adding a job while it runs runs it again, never two at a time`, async (t) => {
    const { queue } = await open(t);
    const running = { now: 0, most: 0, runs: 0 };
    const handle = async () => {
      running.most = Math.max(running.most, ++running.now);
      running.runs++;
      if (running.runs === 1) await queue.enqueue("job", "a", null);
      await sleep(30);
      running.now--;
    };
    await start(t, queue, handle, 4);
    await queue.enqueue("job", "a", null);
    await until(() => running.runs === 2 && running.now === 0);
    assert.equal(running.most, 1);
  });

  test(`${name}: at most as many run at a time as the worker may`, async (t) => {
    const { queue } = await open(t);
    const running = { now: 0, most: 0, runs: 0 };
    for (let i = 0; i < 12; i++) await queue.enqueue("job", String(i), null);
    const handle = async () => {
      running.most = Math.max(running.most, ++running.now);
      await sleep(5);
      running.now--;
      running.runs++;
    };
    await start(t, queue, handle, 3);
    await until(() => running.runs === 12);
    assert.equal(running.most, 3);
  });

  test(`${name}: a job is not taken before its civil time`, async (t) => {
    const opened = await open(t);
    const seen: string[] = [];
    await opened.queue.enqueue("job", "tomorrow", null, { runAt: opened.time + 86_400_000 });
    await start(t, opened.queue, (_, { key }) => void seen.push(key));
    await sleep(50);
    assert.deepEqual(seen, []);
    opened.time += 86_400_000;
    await until(() => seen.length === 1);
  });

  test(`${name}: a failing job is tried again, later each time, five times in all, and then kept as failed`, async (t) => {
    const opened = await open(t);
    const attempts: number[] = [];
    await opened.queue.enqueue("job", "a", null);
    await start(t, opened.queue, (_, job) => {
      attempts.push(job.attempts);
      throw new Error(`no ${job.attempts}`);
    });
    const waits: number[] = [];
    for (let n = 1; n <= 4; n++) {
      const row = async () => opened.database.selectFrom("jobs").selectAll().executeTakeFirstOrThrow();
      await until(async () => attempts.length === n && (await row()).lease_until === null);
      waits.push((await row()).run_at - opened.time);
      opened.time = (await row()).run_at;
    }
    await until(async () => attempts.length === 5 && (await opened.queue.depth())["job"] === undefined);
    assert.deepEqual(attempts, [1, 2, 3, 4, 5]);
    assert.deepEqual(waits, [10, 40, 160, 640]);
    const kept = await opened.database.selectFrom("jobs").select(["failed_at", "last_error"]).execute();
    assert.deepEqual(kept, [{ failed_at: opened.time, last_error: "no 5" }]);
  });

  test(`${name}: a job that failed for good can be added again, and its success clears the failure`, async (t) => {
    const { queue, database } = await open(t);
    await queue.enqueue("job", "a", null);
    await database.updateTable("jobs").set({ failed_at: 1, last_error: "no" }).execute();
    await queue.enqueue("job", "a", null);
    await start(t, queue, () => {});
    await until(async () => (await database.selectFrom("jobs").selectAll().execute()).length === 0);
  });

  test(`${name}: a job added in a transaction exists when it commits and not when it is undone`, async (t) => {
    const { queue, database } = await open(t);
    const seen: string[] = [];
    await start(t, queue, (_, { key }) => void seen.push(key));
    const undone = database.transaction().execute(async (transaction) => {
      await queue.enqueue("job", "undone", null, { in: transaction });
      throw new Error("undo");
    });
    await assert.rejects(undone, /undo/);
    await database.transaction().execute(async (transaction) => {
      await queue.enqueue("job", "done", null, { in: transaction });
      await sleep(20);
      assert.deepEqual(seen, []);
    });
    await until(() => seen.length === 1);
    assert.deepEqual(seen, ["done"]);
  });

  test(`${name}: workers take only kinds they handle`, async (t) => {
    const { queue } = await open(t);
    const seen: string[] = [];
    await queue.enqueue("other", "b", null);
    await queue.enqueue("job", "a", null);
    await start(t, queue, (_, { key }) => void seen.push(key));
    await until(() => seen.length === 1);
    await sleep(20);
    assert.deepEqual(await queue.depth(), { other: 1 });
  });

  test(`${name}: stopping waits for what runs, records how it ended, and takes nothing more`, async (t) => {
    const { queue } = await open(t);
    let finished = 0;
    const handle = async () => {
      await sleep(40);
      finished++;
    };
    for (const key of ["a", "b", "c"]) await queue.enqueue("job", key, null);
    const worker = await start(t, queue, handle, 2);
    await sleep(15);
    await worker.stop();
    assert.equal(finished, 2);
    assert.deepEqual(await queue.depth(), { job: 1 });
  });
}

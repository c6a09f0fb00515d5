import type { Kysely } from "kysely";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../database/schema.ts";
import { recoverLeases } from "./leases.ts";
import type { EnqueueOptions, Queue } from "./queue.ts";
import { startWorker } from "./worker.ts";

export interface DatabaseQueueOptions {
  readonly database: Kysely<Database>;
  readonly clock: () => number;
  readonly log: Log;
  /** Milliseconds after which a job whose process went silent may be taken by another; default 60 s. */
  readonly leaseMs?: number;
  /** Delay before attempt 2, four times longer before each further one; default 2 s. */
  readonly retryMs?: number;
}

/**
 * The queue in the `jobs` table of the embedded database, whose only user this process is: jobs that were leased when it opens
 * belong to a process that died and wait again at once. Workers here are woken by `enqueue`; nothing waits for a poll.
 */
export async function openDatabaseQueue(options: DatabaseQueueOptions): Promise<Queue> {
  const { database, clock, log, leaseMs = 60_000, retryMs = 2_000 } = options;
  const wakers = new Set<() => void>();
  const shared = { database, clock, log, leaseMs, retryMs, running: new Set<number>() };
  await recoverLeases(shared, Number.POSITIVE_INFINITY);
  return {
    async enqueue(kind, key, payload, enqueueOptions = {}) {
      await insertJob(enqueueOptions.in ?? database, { kind, key, payload, now: clock(), ...enqueueOptions });
      // inside a transaction the woken worker waits for the connection, so it looks after the commit
      for (const wake of wakers) wake();
    },
    async work(handlers, { concurrency }) {
      const worker = startWorker(shared, handlers, concurrency);
      wakers.add(worker.wake);
      return {
        async stop() {
          wakers.delete(worker.wake);
          await worker.stop();
        },
      };
    },
    depth: () => depth(database),
  };
}

interface NewJob extends EnqueueOptions {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly now: number;
}

async function insertJob(database: Kysely<Database>, { kind, key, payload, now, ...options }: NewJob): Promise<void> {
  const { priority = 0, runAt = now } = options;
  await database
    .insertInto("jobs")
    .values({
      kind,
      key,
      payload: JSON.stringify(payload ?? null),
      priority,
      run_at: runAt,
      attempts: 0,
      last_error: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["kind", "key"])
        .where("lease_until", "is", null)
        .where("failed_at", "is", null)
        .doUpdateSet((row) => ({
          priority: row.case().when("jobs.priority", "<", priority).then(priority).else(row.ref("jobs.priority")).end(),
          run_at: row.case().when("jobs.run_at", ">", runAt).then(runAt).else(row.ref("jobs.run_at")).end(),
        })),
    )
    .execute();
}

async function depth(database: Kysely<Database>): Promise<Readonly<Record<string, number>>> {
  const rows = await database
    .selectFrom("jobs")
    .select(({ fn }) => ["kind", fn.countAll<number>().as("waiting")])
    .where("failed_at", "is", null)
    .groupBy("kind")
    .execute();
  return Object.fromEntries(rows.map((row) => [row.kind, row.waiting]));
}

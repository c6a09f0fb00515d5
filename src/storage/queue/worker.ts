import { raw } from "../database/sqlite.ts";
import { type EndedJob, exchange, type QueueState, renewLeases, type TakenJob } from "./leases.ts";
import type { JobHandler, QueueWorker } from "./queue.ts";

/** A worker that can be told that there may be something to do. */
export interface WakeableWorker extends QueueWorker {
  wake(): void;
}

/** Longest sleep without looking, because civil time may be set by tests and replays. */
const LOOK_EVERY_MS = 1_000;
const ERROR_LENGTH = 500;

/** Starts taking jobs of the kinds that have a handler, at most `concurrency` at a time. */
export function startWorker(
  queue: QueueState,
  handlers: Readonly<Record<string, JobHandler>>,
  concurrency: number,
): WakeableWorker {
  const kinds = Object.keys(handlers);
  const running = new Set<Promise<void>>();
  let ended: EndedJob[] = [];
  let stopping = false;
  let exchanging: Promise<void> | undefined;
  let again = false;
  let sleep: NodeJS.Timeout | undefined;

  const wake = () => {
    again = true;
    exchanging ??= exchangeAll().finally(() => {
      exchanging = undefined;
      if (again) wake();
    });
  };

  async function exchangeAll(): Promise<void> {
    clearTimeout(sleep);
    while (again) {
      again = false;
      const report = ended;
      ended = [];
      try {
        const free = stopping ? 0 : concurrency - running.size;
        const taken = await exchange(queue, { ended: report, kinds, free });
        for (const { job } of report) queue.running.delete(job.id);
        for (const job of taken) start(job);
      } catch (error) {
        ended = [...report, ...ended];
        queue.log.error({ err: error }, "the queue cannot reach its database; trying again");
        if (stopping) return;
        break;
      }
    }
    if (!stopping) sleep = setTimeout(wake, nextLook(queue, kinds)).unref();
  }

  function start(job: TakenJob): void {
    queue.running.add(job.id);
    const run = runJob(handlers[job.kind]!, job).then((error) => {
      if (error !== undefined)
        queue.log.warn({ job: job.kind, key: job.key, attempts: job.attempts, error }, "job failed");
      ended.push(error === undefined ? { job } : { job, error });
      running.delete(run);
      wake();
    });
    running.add(run);
  }

  const renewal = setInterval(() => {
    renewLeases(queue).catch((error) => queue.log.error({ err: error }, "leases could not be renewed"));
  }, queue.leaseMs / 3).unref();

  wake();
  return {
    wake,
    async stop() {
      stopping = true;
      clearTimeout(sleep);
      while (running.size > 0 || exchanging) await Promise.all([...running, exchanging]);
      clearInterval(renewal);
      clearTimeout(sleep);
    },
  };
}

/** Runs one job; the answer is why it failed, or undefined. */
async function runJob(handler: JobHandler, job: TakenJob): Promise<string | undefined> {
  try {
    await handler(JSON.parse(job.payload), { key: job.key, attempts: job.attempts });
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).slice(0, ERROR_LENGTH) || "failed without saying why";
  }
}

function nextLook({ database, clock }: QueueState, kinds: readonly string[]): number {
  const now = clock();
  const next = raw(database).prepare(
    "select min(run_at) as at from jobs where kind = ? and lease_until is null and failed_at is null and run_at > ?",
  );
  const times = kinds.map((kind) => next.get(kind, now)?.["at"] ?? Number.POSITIVE_INFINITY);
  return Math.max(1, Math.min(LOOK_EVERY_MS, ...times.map((at) => Number(at) - now)));
}

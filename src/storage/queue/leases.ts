import type { Kysely } from "kysely";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../database/schema.ts";
import { type Raw, writeRaw } from "../database/sqlite.ts";

/** What the queue and its workers share. */
export interface QueueState {
  readonly database: Kysely<Database>;
  readonly clock: () => number;
  readonly log: Log;
  readonly leaseMs: number;
  readonly retryMs: number;
  /** Jobs that run in this process; their leases never count as expired. */
  readonly running: Set<number>;
}

/** A job in a worker's hands. */
export interface TakenJob {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly payload: string;
  readonly priority: number;
  readonly run_at: number;
  /** This one included. */
  readonly attempts: number;
}

/** How a job ended. */
export interface EndedJob {
  readonly job: TakenJob;
  /** Why it failed; absent when it succeeded. */
  readonly error?: string;
}

/** Attempts in all; after the last one the job is kept as failed. */
export const MAX_ATTEMPTS = 5;

/** Gives back jobs whose lease ended before a time and that do not run here: their process died or hangs. */
export async function recoverLeases(queue: QueueState, before: number): Promise<void> {
  await writeRaw(queue.database, (raw) => giveBackExpired(raw, queue, before));
}

/**
 * One transaction: records how jobs ended, gives back expired ones, and leases up to `free` new ones of the kinds given,
 * largest priority first.
 */
export async function exchange(
  queue: QueueState,
  work: { readonly ended: readonly EndedJob[]; readonly kinds: readonly string[]; readonly free: number },
): Promise<readonly TakenJob[]> {
  const now = queue.clock();
  return writeRaw(queue.database, (raw) => {
    for (const ended of work.ended) recordEnd(raw, queue, ended, now);
    giveBackExpired(raw, queue, now);
    const due = work.kinds.flatMap((kind) => (work.free > 0 ? dueJobs(raw, kind, now, work.free) : []));
    const best = due.sort((a, b) => b.priority - a.priority || a.run_at - b.run_at || a.id - b.id).slice(0, work.free);
    const lease = raw.prepare("update jobs set lease_until = ?, attempts = attempts + 1 where id = ?");
    for (const job of best) lease.run(now + queue.leaseMs, job.id);
    return best.map((job) => ({ ...job, attempts: job.attempts + 1 }));
  });
}

/** Extends the leases of everything that runs here. */
export async function renewLeases(queue: QueueState): Promise<void> {
  if (queue.running.size === 0) return;
  const until = queue.clock() + queue.leaseMs;
  await writeRaw(queue.database, ({ prepare }) => {
    const renew = prepare("update jobs set lease_until = ? where id = ? and lease_until is not null");
    for (const id of queue.running) renew.run(until, id);
  });
}

function dueJobs({ prepare }: Raw, kind: string, now: number, limit: number): TakenJob[] {
  const due = prepare(
    `select id, kind, key, payload, priority, run_at, attempts from jobs as job
     where kind = ? and lease_until is null and failed_at is null and run_at <= ?
       and not exists (select 1 from jobs where kind = job.kind and key = job.key and lease_until is not null)
     order by priority desc, run_at, id limit ?`,
  );
  return due.all(kind, now, limit) as unknown as TakenJob[];
}

function recordEnd(raw: Raw, queue: QueueState, { job, error }: EndedJob, now: number): void {
  if (error !== undefined) {
    giveBack(raw, { ...job, error, runAt: now + retryDelay(queue, job.attempts) }, now);
  } else {
    raw.prepare("delete from jobs where id = ?").run(job.id);
    raw.prepare("delete from jobs where kind = ? and key = ? and failed_at is not null").run(job.kind, job.key);
  }
}

function retryDelay({ retryMs }: QueueState, attempts: number): number {
  return retryMs * 4 ** (attempts - 1);
}

function giveBackExpired(raw: Raw, { running, clock }: QueueState, before: number): void {
  const leased = raw.prepare(
    "select id, kind, key, attempts, run_at, lease_until from jobs where lease_until is not null",
  );
  for (const row of leased.all() as unknown as (TakenJob & { lease_until: number })[]) {
    if (running.has(row.id) || row.lease_until >= before) continue;
    giveBack(raw, { ...row, error: "the process that ran it ended", runAt: row.run_at }, clock());
  }
}

interface Returned {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly attempts: number;
  readonly error: string;
  readonly runAt: number;
}

function giveBack({ prepare }: Raw, { id, kind, key, attempts, error, runAt }: Returned, now: number): void {
  if (attempts >= MAX_ATTEMPTS) {
    prepare("update jobs set lease_until = null, failed_at = ?, last_error = ? where id = ?").run(now, error, id);
    return;
  }
  const waiting = prepare(
    "select 1 from jobs where kind = ? and key = ? and lease_until is null and failed_at is null",
  );
  // the one that was added meanwhile does the same work
  if (waiting.get(kind, key)) prepare("delete from jobs where id = ?").run(id);
  else prepare("update jobs set lease_until = null, run_at = ?, last_error = ? where id = ?").run(runAt, error, id);
}

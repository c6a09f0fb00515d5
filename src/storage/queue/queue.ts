import type { Kysely } from "kysely";
import type { Database } from "../database/schema.ts";

/**
 * Work to do later, at least once, in order of priority then age; never two at a time of one kind and key.
 * Contract: queue/contract.test.ts.
 */
export interface Queue {
  /**
   * Adds a job unless one of the same kind and key waits already (then raises its priority and brings it forward). One that is
   * running does not count: it may have read what has changed since. Durable when it resolves, or when the transaction `in` commits.
   */
  enqueue(kind: string, key: string, payload: unknown, options?: EnqueueOptions): Promise<void>;
  /** Handles jobs of the kinds given until `stop`; a handler that throws is tried again with growing delay, at most 5 times in all, then kept as failed. */
  work(handlers: Readonly<Record<string, JobHandler>>, options: { readonly concurrency: number }): Promise<QueueWorker>;
  /** Jobs waiting or running, by kind. */
  depth(): Promise<Readonly<Record<string, number>>>;
}

export interface EnqueueOptions {
  /** Larger first; default 0. */
  readonly priority?: number;
  /** Not before this civil time; default now. */
  readonly runAt?: number;
  /** A transaction to add it in, so that it exists iff what it works on does. */
  readonly in?: Kysely<Database>;
}

export type JobHandler = (payload: unknown, job: { readonly key: string; readonly attempts: number }) => Promise<void>;

export interface QueueWorker {
  /** Stops taking jobs and waits for running ones. */
  stop(): Promise<void>;
}

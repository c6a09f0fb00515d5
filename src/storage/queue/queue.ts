/** Work to do later, at least once, in order of priority then age. Contract: queue/contract.test.ts. */
export interface Queue {
  /** Adds a job unless one of the same kind and key waits already (then raises its priority). Durable when it resolves. */
  enqueue(
    kind: string,
    key: string,
    payload: unknown,
    options?: { readonly priority?: number; readonly runAt?: number },
  ): Promise<void>;
  /** Handles jobs of the kinds given until `stop`; a handler that throws is retried with growing delay, at most 5 times, then kept as failed. */
  work(handlers: Readonly<Record<string, JobHandler>>, options: { readonly concurrency: number }): Promise<QueueWorker>;
  /** Jobs waiting or running, by kind. */
  depth(): Promise<Readonly<Record<string, number>>>;
}

export type JobHandler = (payload: unknown, job: { readonly key: string; readonly attempts: number }) => Promise<void>;

export interface QueueWorker {
  /** Stops taking jobs and waits for running ones. */
  stop(): Promise<void>;
}

import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { configSchema } from "../../src/config.ts";
import { type Log, silentLog } from "../../src/lib/log.ts";
import { type OpenedApp, openApp } from "../../src/open-app.ts";
import { temporaryFolder } from "./folders.ts";

export interface TestAppOptions {
  /** Settings that differ from the defaults; `data` is a folder of the test's own unless given. */
  readonly config?: z.input<typeof configSchema>;
  /** Civil time at the start, epoch milliseconds; default 2026-01-15T12:00:00Z. */
  readonly now?: number;
  /** Keeps the database in a file, as in production, instead of memory. */
  readonly databaseInFile?: boolean;
  readonly log?: Log;
}

export interface TestApp extends OpenedApp {
  /** Moves civil time forward (or back). */
  passTime(ms: number): void;
  /** Waits until no job is due or running; fails after ten seconds, or at once when a job was given up. Needs a started worker. */
  drain(): Promise<void>;
}

/** A real app in a folder of its own, with a clock that only the test moves; closed and removed when the test ends. */
export async function testApp(test: Pick<TestContext, "after">, options: TestAppOptions = {}): Promise<TestApp> {
  const data = options.config?.data ?? join(temporaryFolder(), "data");
  const config = configSchema.parse({ ...options.config, data });
  let time = options.now ?? Date.UTC(2026, 0, 15, 12);
  const app = await openApp(config, {
    clock: () => time,
    log: options.log ?? silentLog,
    databaseInMemory: !options.databaseInFile,
  });
  test.after(() => app.close());
  return {
    ...app,
    passTime(ms) {
      time += ms;
    },
    drain: () => drain(app),
  };
}

async function drain(app: OpenedApp): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const jobs = await app.database.selectFrom("jobs").selectAll().execute();
    const failed = jobs.find((job) => job.failed_at !== null);
    if (failed) throw new Error(`the job ${failed.kind} ${failed.key} was given up: ${failed.last_error}`);
    const left = jobs.filter((job) => job.lease_until !== null || job.run_at <= app.clock());
    if (left.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`still to do after 10 s: ${left.map((job) => job.kind).join(", ")}`);
    await sleep(5);
  }
}

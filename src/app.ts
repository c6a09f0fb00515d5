import type { Kysely } from "kysely";
import type { Config } from "./config.ts";
import type { Log } from "./lib/log.ts";
import type { Limits } from "./limits.ts";
import type { Blobs } from "./storage/blobs/blobs.ts";
import type { Database } from "./storage/database/schema.ts";
import type { Queue } from "./storage/queue/queue.ts";

/** Every long-lived thing in one object, passed as first argument. Opened by `openApp` in open-app.ts. */
export interface App {
  readonly config: Config;
  readonly limits: Limits;
  readonly database: Kysely<Database>;
  /** Artifacts. */
  readonly blobs: Blobs;
  /** Index documents of upstreams, in a folder of their own (DATA/documents) because old ones are deleted. */
  readonly documents: Blobs;
  readonly queue: Queue;
  /** The only civil time: epoch milliseconds. Tests and replays set it. */
  readonly clock: Clock;
  readonly log: Log;
}

export type Clock = () => number;

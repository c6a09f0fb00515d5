import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { insertToken, newTokenSecret } from "./accounts/tokens.ts";
import type { App, Clock } from "./app.ts";
import { type Config, limitsOf } from "./config.ts";
import { rememberUpstreams } from "./discovery/remembered.ts";
import { refuse } from "./errors.ts";
import { jsonLog, type Log } from "./lib/log.ts";
import { openFilesystemBlobs } from "./storage/blobs/filesystem.ts";
import { openSqlite } from "./storage/database/sqlite.ts";
import { lockFolder } from "./storage/lock.ts";
import { openDatabaseQueue } from "./storage/queue/in-database.ts";
import { flushLedger } from "./tracking/ledger.ts";

/** An app with its end. */
export interface OpenedApp extends App {
  /** Set when this start wrote an administrator's token: the file it is in. */
  readonly adminTokenFile: string | undefined;
  /** Writes what is under way and gives the data folder free. Queue workers and servers are stopped before. */
  close(): Promise<void>;
}

export interface OpenAppOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Keeps the database in memory; everything else is in the data folder as usual. For tests. */
  readonly databaseInMemory?: boolean;
}

/**
 * Opens the data folder (making it, for its owner only, when there is none) for this process alone and everything in it. The
 * first start writes an administrator's token to `admin-token`. Throws DATA_LOCKED, DATA_NEWER, DATA_DAMAGED, DISK_FULL.
 */
export async function openApp(config: Config, options: OpenAppOptions = {}): Promise<OpenedApp> {
  const { clock = Date.now } = options;
  const log = options.log ?? jsonLog({ level: config.log, clock });
  const folder = resolve(config.data);
  await makeFolder(folder);
  const lock = lockFolder(folder);
  try {
    const database = await openSqlite(options.databaseInMemory ? ":memory:" : databaseFile(folder));
    try {
      const onCorrupt = (sha256: string) => log.warn({ sha256 }, "a stored file was damaged and is fetched again");
      const app: App = {
        config,
        limits: limitsOf(config),
        database,
        blobs: await openFilesystemBlobs({ folder, onCorrupt }),
        documents: await openFilesystemBlobs({ folder: join(folder, "documents"), onCorrupt }),
        queue: await openDatabaseQueue({ database, clock, log }),
        clock,
        log,
      };
      // A start without any upstream (a restore) has nothing to tell the next one.
      if (config.upstreams.length > 0) await rememberUpstreams(folder, config);
      return {
        ...app,
        adminTokenFile: await ensureAdminToken(app, folder),
        async close() {
          await flushLedger(app);
          await database.destroy();
          lock.release();
        },
      };
    } catch (error) {
      await database.destroy();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where the database of a data folder is. */
export function databaseFile(folder: string): string {
  return join(folder, "portcullis.db");
}

/** Where the first start leaves the administrator's token; commands read it there. */
export function adminTokenFile(folder: string): string {
  return join(folder, "admin-token");
}

/** Makes a further administrator's token and writes it, and it alone, to the data folder's `admin-token`. Gives the file's path. */
export async function writeAdminToken(app: App, folder: string, createdBy: string): Promise<string> {
  const path = adminTokenFile(folder);
  const secret = newTokenSecret();
  // the file first: a token that nobody was told would stop the next start from making one
  await writeFile(`${path}.new`, `${secret.reveal()}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  const taken = new Set((await liveTokens(app)).map((token) => token.name));
  const name = taken.has("admin") ? `admin-${app.clock()}` : "admin";
  await insertToken(app, { name, kind: "admin", createdBy }, secret);
  return path;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC") throw refuse("DISK_FULL", { what: "the data folder" });
    throw refuse("CONFIG_INVALID", { where: "data", why: `the folder cannot be made: ${message}` });
  }
}

async function ensureAdminToken(app: App, folder: string): Promise<string | undefined> {
  const tokens = await liveTokens(app);
  if (tokens.some((token) => token.kind === "admin")) return undefined;
  return writeAdminToken(app, folder, "first start");
}

async function liveTokens(app: App): Promise<readonly { kind: string; name: string }[]> {
  return app.database
    .selectFrom("tokens")
    .select(["kind", "name"])
    .where("revoked_at", "is", null)
    .where((or) => or.or([or("expires_at", "is", null), or("expires_at", ">", app.clock())]))
    .execute();
}

import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Kysely } from "kysely";
import { startDigests } from "../lib/digest.ts";
import { TAR_END, tarHeader, tarPadding } from "./backup-tar.ts";
import type { Blobs } from "./blobs/blobs.ts";
import type { Database } from "./database/schema.ts";
import { snapshotSqlite } from "./database/sqlite.ts";

/** What a backup is made of; an open app fits. */
export interface BackupSource {
  readonly config: { readonly data: string };
  readonly database: Kysely<Database>;
  readonly blobs: Blobs;
  readonly documents: Blobs;
  readonly clock: () => number;
}

/** The first member of a backup. */
export interface BackupManifest {
  readonly format: 1;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  readonly database: { readonly sha256: string; readonly size: number };
}

/** The last member: without it a backup is not whole. */
export interface BackupEnd {
  readonly blobs: number;
  readonly documents: number;
  /** Files that the database names and the folder no longer has; they are fetched again when somebody asks. */
  readonly missing: number;
}

/** Files of the data folder that go along as they are. The administrator's token does not: `restore` makes a new one. */
export const SETTINGS_FILES = ["portcullis.toml", "upstreams.json"] as const;

/**
 * Writes a backup of a running server: the database as of one moment, and every file that it refers to, each checked against
 * its digest. Ends the stream. Throws DISK_FULL when there is no room for the copy of the database.
 */
export async function writeBackup(source: BackupSource, stream: Writable): Promise<void> {
  await pipeline(backupStream(source), stream);
}

/** The same as a stream to read, for an HTTP answer. */
export function backupStream(source: BackupSource): Readable {
  return Readable.from(backupChunks(source), { objectMode: false, highWaterMark: 1 << 20 });
}

async function* backupChunks(source: BackupSource): AsyncGenerator<Buffer> {
  const snapshot = join(source.config.data, "tmp", `backup-${randomBytes(8).toString("hex")}.db`);
  try {
    await snapshotSqlite(source.database, snapshot);
    const database = await digestOfFile(snapshot);
    const manifest: BackupManifest = { format: 1, madeAt: source.clock(), database };
    yield* jsonMember("portcullis-backup.json", manifest);
    yield* fileMember("portcullis.db", snapshot, database.size);
    yield* settingsMembers(source.config.data);
    const end = { blobs: 0, documents: 0, missing: 0 };
    for (const { sha256, size } of references(
      snapshot,
      "select distinct sha256, size from artifacts where sha256 is not null",
    )) {
      const location = await source.blobs.locate(sha256, size);
      const whole = location && (await digestOfFile(location.path)).sha256 === sha256;
      end[whole ? "blobs" : "missing"]++;
      if (whole) yield* fileMember(`blobs/${sha256}`, location.path, size);
    }
    for (const { sha256 } of references(
      snapshot,
      "select distinct document as sha256 from projects where document is not null",
    )) {
      const bytes = await source.documents.read(sha256);
      end[bytes ? "documents" : "missing"]++;
      if (bytes) yield* bytesMember(`documents/${sha256}`, bytes);
    }
    yield* jsonMember("end.json", end satisfies BackupEnd);
    yield TAR_END;
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) await rm(`${snapshot}${suffix}`, { force: true });
  }
}

/** Streams the references, so that a hundred thousand of them need no memory. */
function* references(snapshot: string, query: string): Generator<{ sha256: string; size: number }> {
  const sqlite = new DatabaseSync(snapshot, { readOnly: true, defensive: true });
  try {
    for (const row of sqlite.prepare(query).iterate())
      yield { sha256: String(row["sha256"]), size: Number(row["size"]) };
  } finally {
    sqlite.close();
  }
}

async function* settingsMembers(folder: string): AsyncGenerator<Buffer> {
  for (const name of SETTINGS_FILES) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes) yield* bytesMember(name, bytes);
  }
}

function* bytesMember(name: string, bytes: Buffer): Generator<Buffer> {
  yield tarHeader(name, bytes.length);
  yield bytes;
  yield tarPadding(bytes.length);
}

function jsonMember(name: string, value: object): Generator<Buffer> {
  return bytesMember(name, Buffer.from(`${JSON.stringify(value)}\n`));
}

async function* fileMember(name: string, path: string, size: number): AsyncGenerator<Buffer> {
  yield tarHeader(name, size);
  yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  yield tarPadding(size);
}

async function digestOfFile(path: string): Promise<{ sha256: string; size: number }> {
  const digests = startDigests();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digests.update(chunk as Buffer);
  return { sha256: digests.finish().sha256, size: (await stat(path)).size };
}

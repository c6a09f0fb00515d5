import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Refusal, refuse } from "../errors.ts";
import { isSha256, startDigests } from "../lib/digest.ts";
import { type BackupEnd, SETTINGS_FILES } from "./backup.ts";
import { readTar, type TarFile } from "./backup-tar.ts";
import type { Blobs } from "./blobs/blobs.ts";
import { openFilesystemBlobs } from "./blobs/filesystem.ts";
import { checkSqliteFile } from "./database/sqlite.ts";
import { lockFolder } from "./lock.ts";

export interface RestoreOptions {
  /** Told the bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** What a restored backup held. */
export interface Restored extends BackupEnd {
  /** When the backup was made, epoch milliseconds. */
  readonly madeAt: number;
}

/**
 * Restores a backup file into a folder that is empty or not there yet, checking every digest. Nothing is left in the folder
 * when it fails. Throws DATA_EXISTS, BACKUP_DAMAGED, DISK_FULL.
 */
export async function restoreBackup(file: string, folder: string, options: RestoreOptions = {}): Promise<Restored> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw refuse("DATA_EXISTS", { folder });
  const lock = lockFolder(folder);
  try {
    const restored = await restoreInto(folder, counted(file, options.onProgress));
    lock.release();
    return restored;
  } catch (error) {
    lock.release();
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    throw asRefusal(error);
  }
}

const JSON_BYTES = 1 << 20;
const manifestSchema = z.object({
  format: z.literal(1),
  madeAt: z.number(),
  database: z.object({ sha256: z.string(), size: z.number() }),
});
const endSchema = z.object({ blobs: z.number(), documents: z.number(), missing: z.number() });

async function restoreInto(folder: string, stream: AsyncIterable<Buffer>): Promise<Restored> {
  const stores = {
    blobs: await openFilesystemBlobs({ folder }),
    documents: await openFilesystemBlobs({ folder: join(folder, "documents") }),
  };
  const found = { blobs: 0, documents: 0, database: undefined as string | undefined };
  const unfinished = join(folder, "tmp", `restore-${randomBytes(8).toString("hex")}.db`);
  let manifest: z.infer<typeof manifestSchema> | undefined;
  let end: BackupEnd | undefined;
  for await (const member of readTar(stream)) {
    const [kind, sha256] = member.name.split("/") as [string, string?];
    if (member.name === "portcullis-backup.json") manifest = manifestSchema.parse(await readJson(member));
    else if (!manifest || end) throw damaged("its members are not in the order in which they are written");
    else if (member.name === "end.json") end = endSchema.parse(await readJson(member));
    else if (member.name === "portcullis.db") found.database = await storeFile(member, unfinished);
    else if ((SETTINGS_FILES as readonly string[]).includes(member.name))
      await storeFile(member, join(folder, member.name));
    else if ((kind === "blobs" || kind === "documents") && sha256 !== undefined && isSha256(sha256)) {
      await storeBlob(member, stores[kind], sha256);
      found[kind]++;
    } else throw damaged(`it has an unknown member ${JSON.stringify(member.name)}`);
  }
  if (!manifest || !end) throw damaged("it ends too early");
  if (found.blobs !== end.blobs || found.documents !== end.documents) throw damaged("files are missing in it");
  if (found.database !== manifest.database.sha256) throw damaged("its database does not have the digest that it had");
  checkSqliteFile(unfinished);
  // last, so that a folder with a database is a whole one
  await rename(unfinished, join(folder, "portcullis.db"));
  return { ...end, madeAt: manifest.madeAt };
}

async function* counted(file: string, onProgress: RestoreOptions["onProgress"]): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    bytes += (chunk as Buffer).length;
    onProgress?.(bytes);
    yield chunk as Buffer;
  }
}

async function readJson({ name, size, chunks }: TarFile): Promise<unknown> {
  if (size > JSON_BYTES) throw damaged(`${name} is too large`);
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}

async function storeFile({ chunks }: TarFile, path: string): Promise<string> {
  const digests = startDigests();
  const passing = async function* () {
    for await (const chunk of chunks) {
      digests.update(chunk);
      yield chunk;
    }
  };
  await writeFile(path, passing(), { mode: 0o600, flag: "wx", flush: true });
  return digests.finish().sha256;
}

async function storeBlob({ chunks }: TarFile, blobs: Blobs, sha256: string): Promise<void> {
  const receiver = await blobs.receive();
  try {
    for await (const chunk of chunks) await receiver.write(chunk);
  } catch (error) {
    await receiver.abort();
    throw error;
  }
  if ((await receiver.commit()).sha256 !== sha256) throw damaged(`the file ${sha256} does not have its digest`);
}

function damaged(why: string): Refusal {
  return refuse("BACKUP_DAMAGED", { why });
}

function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal && error.code === "DATA_DAMAGED")
    return damaged(`its database is damaged: ${error.params["why"]}`);
  if (error instanceof Refusal) return error;
  if (error instanceof z.ZodError || error instanceof SyntaxError)
    return damaged("it was made by another version or changed");
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return refuse("DISK_FULL", { what: "the restored data" });
  return code === undefined ? error : damaged(message);
}

import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { refuse } from "../../errors.ts";
import { isSha256, sha256Hex, startDigests } from "../../lib/digest.ts";
import { lru } from "../../lib/lru.ts";
import { isLost } from "../../lib/open-files.ts";
import { singleFlight } from "../../lib/single-flight.ts";
import type { BlobReceiver, Blobs } from "./blobs.ts";

export interface FilesystemBlobsOptions {
  /** The data folder; blobs lie in its `blobs/ab/cdef…`, unfinished ones in `tmp`, damaged ones in `corrupt`. */
  readonly folder: string;
  /** Told of each blob whose bytes no longer have its digest, after it was moved to `corrupt`. */
  readonly onCorrupt?: (sha256: string) => void;
}

/**
 * Blobs as files named by their digest. A file appears under its name only when complete and on disk (written aside, fsync,
 * rename, fsync of the folder), so that neither `kill -9` nor loss of power leaves half a file where it would be served.
 * Opening it clears what earlier processes left unfinished; only one process may have the folder open.
 */
export async function openFilesystemBlobs({ folder, onCorrupt }: FilesystemBlobsOptions): Promise<Blobs> {
  const places = placesIn(folder);
  await rm(places.temporary, { recursive: true, force: true });
  for (const place of [places.blobs, places.temporary, places.corrupt])
    await mkdir(place, { recursive: true, mode: 0o700 });
  const known = lru<string, Known>({ weight: KNOWN_BLOBS });
  const store: Store = { places, known, suspected: new Set(), folders: new Set(), share: singleFlight() };
  return {
    async put(bytes) {
      const sha256 = sha256Hex(bytes);
      await store.share(sha256, () => put(store, sha256, bytes));
      return sha256;
    },
    receive: () => receive(store),
    read: (sha256) => read(store, sha256, onCorrupt),
    async locate(sha256, size) {
      const path = places.of(sha256);
      const kept = store.known.get(sha256);
      if (kept?.size === size) return { kind: "file", path, ...kept };
      const writtenAt = await whenWhole(store, sha256, size, onCorrupt);
      if (writtenAt === undefined) return undefined;
      store.known.set(sha256, { size, writtenAt });
      return { kind: "file", path, size, writtenAt };
    },
    recheck(sha256) {
      store.known.delete(sha256);
      if (store.suspected.size < MOST_SUSPECTED) store.suspected.add(sha256);
    },
    async delete(sha256) {
      store.known.delete(sha256);
      await rm(places.of(sha256), { force: true });
    },
  };
}

/**
 * The time of writing that a complete file gets, 2000-01-01: any other tells that somebody wrote to it since, and that without a
 * record of times that would have to survive as long as the files.
 */
const SEALED_MS = Date.UTC(2000, 0, 1);

/** Sizes and times remembered, so that serving a popular file asks the file system nothing before opening it. */
const KNOWN_BLOBS = 20_000;
/** Blobs remembered that are to be read once more, whatever their time of writing says. */
const MOST_SUSPECTED = 20_000;

interface Places {
  readonly blobs: string;
  readonly temporary: string;
  readonly corrupt: string;
  of(sha256: string): string;
}

interface Known {
  readonly size: number;
  readonly writtenAt: number;
}

interface Store {
  readonly places: Places;
  readonly known: ReturnType<typeof lru<string, Known>>;
  /** Blobs that somebody could not read or found changed. */
  readonly suspected: Set<string>;
  /** Folders known to be there and on disk. */
  readonly folders: Set<string>;
  readonly share: (sha256: string, run: () => Promise<void>) => Promise<void>;
}

function placesIn(folder: string): Places {
  const blobs = join(folder, "blobs");
  return {
    blobs,
    temporary: join(folder, "tmp"),
    corrupt: join(folder, "corrupt"),
    of(sha256) {
      if (!isSha256(sha256)) throw new TypeError("not a sha256");
      return join(blobs, sha256.slice(0, 2), sha256.slice(2));
    },
  };
}

async function put(store: Store, sha256: string, bytes: Buffer): Promise<void> {
  if (await isKept(store, sha256, bytes.length)) return;
  const { path, file } = await openTemporary(store);
  try {
    await writeAll(file, bytes);
  } catch (error) {
    await discard(file, path);
    throw orDiskFull(error);
  }
  await finish(store, { file, path, sha256, size: bytes.length });
}

async function isKept(store: Store, sha256: string, size: number): Promise<boolean> {
  const kept = await stat(store.places.of(sha256)).catch(orAbsent);
  if (kept?.size !== size || kept.mtimeMs !== SEALED_MS) return false;
  // whoever moved it there may not have come to this yet
  await syncFolder(dirname(store.places.of(sha256)));
  return true;
}

async function receive(store: Store): Promise<BlobReceiver> {
  const { path, file } = await openTemporary(store);
  const digests = startDigests();
  let size = 0;
  let over = false;
  const end = () => {
    if (over) throw new TypeError("the blob was committed or aborted before");
    over = true;
  };
  return {
    async write(chunk) {
      if (over) throw new TypeError("the blob was committed or aborted before");
      digests.update(chunk);
      size += chunk.length;
      await writeAll(file, chunk).catch(async (error) => {
        over = true;
        await discard(file, path);
        throw orDiskFull(error);
      });
    },
    async commit() {
      end();
      const all = digests.finish();
      await finish(store, { file, path, sha256: all.sha256, size });
      return { ...all, size };
    },
    async abort() {
      if (over) return;
      end();
      await discard(file, path);
    },
  };
}

type OnCorrupt = FilesystemBlobsOptions["onCorrupt"];

async function read(store: Store, sha256: string, onCorrupt: OnCorrupt) {
  const bytes = await readFile(store.places.of(sha256)).catch(orUnreadable);
  if (bytes === undefined || (bytes !== UNREADABLE && sha256Hex(bytes) === sha256)) return bytes;
  await moveAside(store, sha256, onCorrupt);
  return undefined;
}

/** When a file was last written that has the size and, if that was after it was complete, still the digest; undefined for any other. */
async function whenWhole(
  store: Store,
  sha256: string,
  size: number,
  onCorrupt: OnCorrupt,
): Promise<number | undefined> {
  const path = store.places.of(sha256);
  const found = await stat(path).catch(orAbsent);
  if (found?.size !== size) return undefined;
  if (found.mtimeMs === SEALED_MS && !store.suspected.has(sha256)) return SEALED_MS;
  const digest = await digestOf(path).catch(orUnreadable);
  if (digest !== sha256) {
    if (digest !== undefined) await moveAside(store, sha256, onCorrupt);
    return undefined;
  }
  store.suspected.delete(sha256);
  await utimes(path, SEALED_MS / 1000, SEALED_MS / 1000).catch(() => {});
  return (await stat(path).catch(orAbsent))?.mtimeMs;
}

async function digestOf(path: string): Promise<string> {
  const digests = startDigests();
  for await (const chunk of createReadStream(path)) digests.update(chunk as Buffer);
  return digests.finish().sha256;
}

async function moveAside(store: Store, sha256: string, onCorrupt: OnCorrupt): Promise<void> {
  store.known.delete(sha256);
  store.suspected.delete(sha256);
  const aside = join(store.places.corrupt, `${sha256}-${randomName()}`);
  await rename(store.places.of(sha256), aside).catch(orAbsent);
  onCorrupt?.(sha256);
}

async function openTemporary({ places }: Store): Promise<{ path: string; file: FileHandle }> {
  const path = join(places.temporary, randomName());
  try {
    return { path, file: await open(path, "wx", 0o600) };
  } catch (error) {
    throw orDiskFull(error);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    offset += (await file.write(bytes, offset, bytes.length - offset)).bytesWritten;
  }
}

interface Finished {
  readonly file: FileHandle;
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

async function finish(store: Store, { file, path, sha256, size }: Finished): Promise<void> {
  try {
    // Where that is not possible the file is read once more before it is served.
    await file.utimes(SEALED_MS / 1000, SEALED_MS / 1000).catch(() => {});
    await file.sync();
    await file.close();
    if (!(await isKept(store, sha256, size))) await moveIntoPlace(store, path, sha256, size);
    store.known.delete(sha256);
  } catch (error) {
    throw orDiskFull(error);
  } finally {
    await discard(file, path);
  }
}

async function moveIntoPlace(store: Store, path: string, sha256: string, size: number): Promise<void> {
  const target = store.places.of(sha256);
  await ensureFolder(store, dirname(target));
  try {
    await rename(path, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      // Somebody removed the folder since we made it.
      store.folders.delete(dirname(target));
      await ensureFolder(store, dirname(target));
      await rename(path, target);
    });
  } catch (error) {
    // Windows refuses to replace a file that somebody has open; it is the same file
    if ((await sizeOf(target)) !== size) throw error;
  }
  await syncFolder(dirname(target));
}

async function ensureFolder(store: Store, folder: string): Promise<void> {
  if (store.folders.has(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dirname(folder));
  store.folders.add(folder);
}

/** Makes names in a folder durable. Windows cannot open folders and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function discard(file: FileHandle, path: string): Promise<void> {
  await file.close().catch(() => {});
  await rm(path, { force: true }).catch(() => {});
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(orAbsent))?.size;
}

function orAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
  throw error;
}

const UNREADABLE = Symbol("unreadable");

function orUnreadable(error: unknown): typeof UNREADABLE | undefined {
  return isLost(error) ? UNREADABLE : orAbsent(error);
}

function orDiskFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" ? refuse("DISK_FULL", { what: "a file" }) : error;
}

function randomName(): string {
  return randomBytes(12).toString("hex");
}

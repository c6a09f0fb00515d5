import { close, fstatSync, open } from "node:fs";
import { singleFlight } from "./single-flight.ts";

/** A file opened for reading, shared; release it once when done. */
export interface OpenFile {
  readonly fd: number;
  release(): void;
  /** Reading it failed: whoever opens the path next opens it anew. */
  forget(): void;
}

interface Shared {
  readonly fd: number;
  users: number;
  forgotten: boolean;
}

/** Files kept open while nobody reads them. */
const MOST_OPEN = 256;

/** In order of use, oldest first. */
const files = new Map<string, Shared>();
const opening = singleFlight<string, Shared>();

/** What a file has to be when it is opened. */
export interface ExpectedFile {
  readonly size: number;
  /** Epoch milliseconds. */
  readonly writtenAt: number;
}

/** The `code` of the error for a file that is not as expected: somebody wrote to it. */
export const FILE_CHANGED = "FILE_CHANGED";

/**
 * Opens a file that never changes, or shares it with those who have it open already. Rejects with the system's error, or with
 * FILE_CHANGED when it is not as expected.
 */
export async function openFile(path: string, expected?: ExpectedFile): Promise<OpenFile> {
  let shared = files.get(path) ?? (await opening(path, () => openShared(path)));
  if (!isAsExpected(shared, expected)) {
    // What is open may be a file that was replaced.
    forget(path, shared);
    shared = await opening(path, () => openShared(path));
    if (!isAsExpected(shared, expected)) {
      forget(path, shared);
      throw Object.assign(new Error("a stored file was written to"), { code: FILE_CHANGED });
    }
  }
  shared.users++;
  if (!shared.forgotten) {
    files.delete(path);
    files.set(path, shared);
  }
  if (files.size > MOST_OPEN) forgetOldest();
  return {
    fd: shared.fd,
    release() {
      shared.users--;
      closeUnused(shared);
    },
    forget: () => forget(path, shared),
  };
}

function openShared(path: string): Promise<Shared> {
  return new Promise((resolve, reject) =>
    open(path, "r", (error, fd) => {
      if (error) return reject(error);
      const shared = { fd, users: 0, forgotten: false };
      files.set(path, shared);
      resolve(shared);
    }),
  );
}

function isAsExpected({ fd, forgotten }: Shared, expected: ExpectedFile | undefined): boolean {
  if (!expected) return true;
  // Closed, maybe, by another who found it changed.
  if (forgotten) return false;
  const { size, mtimeMs } = fstatSync(fd);
  return size === expected.size && mtimeMs === expected.writtenAt;
}

function forgetOldest(): void {
  forget(...files.entries().next().value!);
}

function forget(path: string, shared: Shared): void {
  if (files.get(path) === shared) files.delete(path);
  shared.forgotten = true;
  closeUnused(shared);
}

function closeUnused(shared: Shared): void {
  if (shared.forgotten && shared.users === 0) close(shared.fd, () => {});
}

/** What a file system answers when the disk, or a checksum of its own, says that bytes are lost. */
const LOST = new Set(["EIO", "EUCLEAN", "EBADMSG"]);

/** Whether an error says that a file's bytes are lost, so that it has to be fetched again; a missing permission is somebody's mistake. */
export function isLost(error: unknown): boolean {
  return LOST.has((error as NodeJS.ErrnoException).code ?? "");
}

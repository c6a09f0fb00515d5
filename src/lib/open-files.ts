import { close, open } from "node:fs";
import { singleFlight } from "./single-flight.ts";

/** A file opened for reading, shared; release it once when done. */
export interface OpenFile {
  readonly fd: number;
  release(): void;
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

/** Opens a file that never changes, or shares it with those who have it open already. Rejects with the system's error. */
export async function openFile(path: string): Promise<OpenFile> {
  const shared = files.get(path) ?? (await opening(path, () => openShared(path)));
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

function forgetOldest(): void {
  const [path, shared] = files.entries().next().value!;
  files.delete(path);
  shared.forgotten = true;
  closeUnused(shared);
}

function closeUnused(shared: Shared): void {
  if (shared.forgotten && shared.users === 0) close(shared.fd, () => {});
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { refuse } from "../errors.ts";

/** Holds a data folder for this process. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the data folder for this process alone. The lock is the operating system's, on `lock.db`, so that it ends with the
 * process however that ends; `lock` only names the process for people. Throws DATA_LOCKED with the holder's number.
 */
export function lockFolder(folder: string): FolderLock {
  const named = join(folder, "lock");
  const held = new DatabaseSync(join(folder, "lock.db"), { timeout: 0 });
  try {
    held.exec("begin exclusive");
  } catch (error) {
    held.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw refuse("DATA_LOCKED", { folder, pid: holderOf(named) });
  }
  writeFileSync(named, `${process.pid}\n`, { mode: 0o600 });
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

// https://www.sqlite.org/rescode.html#busy
const SQLITE_BUSY = 5;

function holderOf(path: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(path, "utf8"), 10)}`;
  } catch {
    return "its number is not known";
  }
}

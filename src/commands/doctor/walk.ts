import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isSettingsFile } from "./addresses.ts";
import { isLockWithAddresses } from "./locked-addresses.ts";

/** What was found below a folder. */
export interface Walked {
  /** Absolute paths of lock and settings files, at most `MOST_FILES`. */
  readonly files: readonly string[];
  /** Whether the folder holds more than was looked at. */
  readonly isPartial: boolean;
}

const MOST_ENTRIES = 100_000;
const MOST_FILES = 2_000;
const MOST_LEVELS = 12;
/** What is installed or built, not written by the project: too much of it, and no client starts there. */
const SKIPPED = new Set([
  "node_modules",
  "bower_components",
  "__pycache__",
  "site-packages",
  "venv",
  "env",
  "obj",
  "target",
]);

/** Finds the lock and settings files of a project, without following links. A folder that cannot be listed counts as not looked at. */
export async function findFiles(folder: string): Promise<Walked> {
  const files: string[] = [];
  let open: readonly string[] = [folder];
  let seen = 0;
  let isPartial = false;
  for (let level = 0; open.length > 0; level++) {
    if (level >= MOST_LEVELS) return { files, isPartial: true };
    const below: string[] = [];
    for (const one of open) {
      const entries = await readdir(one, { withFileTypes: true }).catch(() => undefined);
      isPartial ||= entries === undefined;
      for (const entry of entries ?? []) {
        if (++seen > MOST_ENTRIES || files.length >= MOST_FILES) return { files, isPartial: true };
        if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith("."))
          below.push(join(one, entry.name));
        else if (entry.isFile() && isWanted(entry.name)) files.push(join(one, entry.name));
      }
    }
    open = below.sort();
  }
  return { files: files.sort(), isPartial };
}

function isWanted(name: string): boolean {
  return isSettingsFile(name) || isLockWithAddresses(name);
}

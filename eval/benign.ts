import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { walkArchives } from "../src/commands/inspect/walk.ts";
import { sha256Hex } from "../src/lib/digest.ts";
import { readLockfile } from "../src/lib/lockfiles/read-lockfile.ts";

/** One archive of PyPI that the evaluation is pinned to. */
export interface LockedFile {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
}

/** Archives that are taken for harmless. */
export interface BenignSet {
  readonly name: string;
  readonly archives: readonly { readonly name: string; readonly path: string }[];
  /** Locked archives that are not in the cache or have other bytes. */
  readonly missing: number;
}

const LOCK = join(import.meta.dirname, "pypi.lock.json");

export function readPypiLock(): Record<string, readonly LockedFile[]> {
  return existsSync(LOCK) ? JSON.parse(readFileSync(LOCK, "utf8")) : {};
}

/** Replaces one set of the lock, sorted so that a change reads well. */
export function writePypiLock(set: string, files: readonly LockedFile[]): void {
  const sorted = files.toSorted((a, b) => (a.filename.toLowerCase() < b.filename.toLowerCase() ? -1 : 1));
  const sets = Object.entries({ ...readPypiLock(), [set]: sorted }).map(([name, list]) => {
    return ` ${JSON.stringify(name)}: [\n${list.map((file) => `  ${JSON.stringify(file)}`).join(",\n")}\n ]`;
  });
  writeFileSync(LOCK, `{\n${sets.join(",\n")}\n}\n`);
}

/** The pinned sets that the cache holds. */
export async function pinnedSets(cache: string): Promise<BenignSet[]> {
  const sets = Object.entries(readPypiLock()).map(([set, files]) => pypiSet(set, files, join(cache, set)));
  const lock = join(import.meta.dirname, "npm", "package-lock.json");
  if (existsSync(lock)) sets.push(await npmSet(lock, join(cache, "npm", "_cacache", "content-v2")));
  return sets.filter(({ archives }) => archives.length > 0);
}

/** Every archive below a folder, as a set of its own. */
export function folderSet(name: string, folder: string): BenignSet {
  return {
    name,
    archives: [...walkArchives(folder)].map((path) => ({ name: path.slice(folder.length + 1), path })),
    missing: 0,
  };
}

function pypiSet(set: string, files: readonly LockedFile[], folder: string): BenignSet {
  const present = files.filter(({ filename, sha256 }) => {
    const path = join(folder, filename);
    return existsSync(path) && sha256Hex(readFileSync(path)) === sha256;
  });
  const archives = present.map(({ filename }) => ({ name: filename, path: join(folder, filename) }));
  return { name: `pypi-${set}`, archives, missing: files.length - present.length };
}

/** npm's cache is addressed by the digest that the lock names, and npm checked it. */
async function npmSet(lock: string, content: string): Promise<BenignSet> {
  const { packages } = await readLockfile("package-lock.json", readFileSync(lock, "utf8"), 100_000);
  const archives = packages.flatMap(({ name, version, digests }) => {
    const hex = digests.find((digest) => digest.startsWith("sha512:"))?.slice(7);
    if (hex === undefined) return [];
    const path = join(content, "sha512", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
    return existsSync(path) ? [{ name: `${name.replace("/", "+")}-${version}.tgz`, path }] : [];
  });
  return { name: "npm", archives, missing: packages.length - archives.length };
}

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { walkArchives } from "../src/commands/inspect/walk.ts";
import { sha256Hex } from "../src/lib/digest.ts";
import { readNugetLock } from "./nuget.ts";

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

/** One tarball of npm that the evaluation is pinned to. */
export interface LockedTarball {
  readonly name: string;
  readonly version: string;
  /** sha512, base64. */
  readonly integrity: string;
}

const LOCK = join(import.meta.dirname, "pypi.lock.json");
const NPM_LOCK = join(import.meta.dirname, "npm.lock.json");

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

/** The pinned tarballs of npm. */
export function readNpmLock(): readonly LockedTarball[] {
  return existsSync(NPM_LOCK) ? JSON.parse(readFileSync(NPM_LOCK, "utf8")) : [];
}

/** Replaces the lock, each tarball once, sorted so that a change reads well. */
export function writeNpmLock(tarballs: readonly LockedTarball[]): void {
  const lines = new Set(tarballs.map((tarball) => JSON.stringify(tarball)));
  writeFileSync(NPM_LOCK, `[\n${[...lines].sort().join(",\n")}\n]\n`);
}

/** Where npm's cache keeps a tarball. */
export function npmContent(cache: string, { integrity }: LockedTarball): string {
  const hex = Buffer.from(integrity, "base64").toString("hex");
  return join(cache, "npm", "_cacache", "content-v2", "sha512", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}

/** The pinned sets that the cache holds. */
export function pinnedSets(cache: string): BenignSet[] {
  const sets = Object.entries(readPypiLock()).map(([set, files]) => pypiSet(set, files, join(cache, set)));
  return [...sets, npmSet(readNpmLock(), cache), nugetSet(join(cache, "nuget"))].filter(
    ({ archives }) => archives.length > 0,
  );
}

/** Every archive below a folder, as a set of its own. */
export function folderSet(name: string, folder: string): BenignSet {
  return {
    name,
    archives: [...walkArchives(folder)].map((path) => ({ name: path.slice(folder.length + 1), path })),
    missing: 0,
  };
}

/** Whether a folder holds the file that a lock names, with the bytes that it says. */
export function isPresent({ filename, sha256 }: Pick<LockedFile, "filename" | "sha256">, folder: string): boolean {
  const path = join(folder, filename);
  return existsSync(path) && sha256Hex(readFileSync(path)) === sha256;
}

function pypiSet(set: string, files: readonly LockedFile[], folder: string): BenignSet {
  const present = files.filter((file) => isPresent(file, folder));
  const archives = present.map(({ filename }) => ({ name: filename, path: join(folder, filename) }));
  return { name: `pypi-${set}`, archives, missing: files.length - present.length };
}

function nugetSet(folder: string): BenignSet {
  const locked = readNugetLock();
  const archives = locked
    .filter((one) => isPresent(one, folder))
    .map(({ filename }) => ({ name: filename.split("/").at(-1)!, path: join(folder, filename) }));
  return { name: "nuget", archives, missing: locked.length - archives.length };
}

/** npm's cache is addressed by the digest, and npm checked it. */
function npmSet(tarballs: readonly LockedTarball[], cache: string): BenignSet {
  const archives = tarballs
    .map((tarball) => ({
      name: `${tarball.name.replace("/", "+")}-${tarball.version}.tgz`,
      path: npmContent(cache, tarball),
    }))
    .filter(({ path }) => existsSync(path));
  return { name: "npm", archives, missing: tarballs.length - archives.length };
}

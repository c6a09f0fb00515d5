import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Raised by hand for changes that everybody should notice; the hash tells all others apart. */
const ENGINE_VERSION = 1;

/**
 * Names the engine that made an inspection: version + hash of every source file of this folder and of the archive readers, so that findings of two rule sets
 * never mix. Read once from the program's own code; nothing outside decides it.
 */
export const ENGINE = `${ENGINE_VERSION}+${hashOfSources([import.meta.dirname, join(import.meta.dirname, "..", "lib", "archives")])}`;

function hashOfSources(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) hashFolder(hash, folder);
  return hash.digest("hex").slice(0, 8);
}

function hashFolder(hash: Hash, folder: string): void {
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.(?:ts|js|json)$/.test(path) && !/\.(?:test|d)\.ts$/.test(path))
    .sort();
  for (const path of sources)
    hash.update(`${path}\n${readFileSync(join(folder, path), "utf8").replaceAll("\r\n", "\n")}\n`);
}

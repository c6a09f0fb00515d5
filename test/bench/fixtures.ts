import { createHash } from "node:crypto";
import { npmTarball } from "../support/archives.ts";

/** Deterministic bytes that do not compress, like most of what registries hold. */
export function noise(seed: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < length; index++) {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    bytes[index] = state & 0xff;
  }
  return bytes;
}

/** An npm tarball of about `kilobytes` KB that inspection finds nothing in. */
export function bulkyTarball(name: string, version: string, kilobytes: number, seed: number): Buffer {
  const data = noise(seed, kilobytes << 10).toString("base64");
  return npmTarball({
    name,
    version,
    files: { "index.js": "module.exports = 1;\n", "data.bin": Buffer.from(data, "base64") },
  });
}

/** A packument with `versions` versions; only the newest has a real tarball behind it. */
export function packument(origin: string, name: string, versions: number, tarball: Buffer): string {
  const all: Record<string, object> = {};
  const time: Record<string, string> = { created: "2020-01-01T00:00:00.000Z", modified: "2025-06-01T00:00:00.000Z" };
  for (let index = 0; index < versions; index++) {
    const version = `1.${Math.floor(index / 100)}.${index % 100}`;
    all[version] = {
      name,
      version,
      description: "A package made for measuring",
      main: "index.js",
      scripts: { test: "node --test", build: "tsc -p ." },
      dependencies: Object.fromEntries(
        Array.from({ length: 12 }, (_, dep) => [`dependency-${dep}-of-${name}`, `^${dep}.${index % 20}.0`]),
      ),
      devDependencies: Object.fromEntries(
        Array.from({ length: 12 }, (_, dep) => [`tool-${dep}`, `~${dep}.1.${index % 9}`]),
      ),
      engines: { node: ">=18" },
      license: "MIT",
      repository: { type: "git", url: `git+https://example.invalid/${name}.git` },
      keywords: ["measure", "bench", "fixture", name],
      maintainers: [{ name: "someone", email: "someone@example.invalid" }],
      dist: dist(origin, name, version, tarball),
    };
    time[version] = new Date(Date.UTC(2020, 0, 1) + index * 3_600_000).toISOString();
  }
  return JSON.stringify({
    _id: name,
    name,
    "dist-tags": { latest: Object.keys(all).at(-1) },
    versions: all,
    time,
    readme: "",
  });
}

function dist(origin: string, name: string, version: string, tarball: Buffer): object {
  return {
    tarball: `${origin}/npm/${name}/-/${name}-${version}.tgz`,
    shasum: createHash("sha1").update(tarball).digest("hex"),
    integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
    fileCount: 3,
    unpackedSize: tarball.length,
    signatures: [{ keyid: "SHA256:measure", sig: "MEUCIQDexample".repeat(5) }],
  };
}

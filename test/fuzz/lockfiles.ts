import { readBunLock } from "../../src/lib/lockfiles/bun-lock.ts";
import type { LockedEntry } from "../../src/lib/lockfiles/lockfile.ts";
import { readNpmLock } from "../../src/lib/lockfiles/npm-lock.ts";
import { readNugetLibraries, readNugetLock, readPackagesConfig } from "../../src/lib/lockfiles/nuget-lock.ts";
import { readPipfileLock } from "../../src/lib/lockfiles/pipfile-lock.ts";
import { readPnpmLock } from "../../src/lib/lockfiles/pnpm-lock.ts";
import { readPythonToml } from "../../src/lib/lockfiles/python-toml.ts";
import { readRequirements } from "../../src/lib/lockfiles/requirements-txt.ts";
import { readYarnLock } from "../../src/lib/lockfiles/yarn-lock.ts";
import type { Target } from "./targets.ts";

const DIGEST = "ab".repeat(32);
const INTEGRITY = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;

type Read = (source: string) => Iterable<LockedEntry>;

/** Each format's reader, and one file of it. */
const FORMATS: readonly (readonly [Read, string])[] = [
  [
    readNpmLock,
    `{"lockfileVersion":3,"packages":{"":{},"node_modules/@a/b":{"version":"1.0.0","resolved":"http://127.0.0.1/b-1.0.0.tgz","integrity":"${INTEGRITY}"}}}`,
  ],
  [
    readYarnLock,
    `# yarn lockfile v1\n\n"@a/b@^1.0.0", c@2:\n  version "1.0.0"\n  resolved "http://127.0.0.1/b.tgz#${"0".repeat(40)}"\n  integrity ${INTEGRITY}\n`,
  ],
  [readYarnLock, `__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n`],
  [
    readPnpmLock,
    `lockfileVersion: '9.0'\npackages:\n  '@a/b@1.0.0':\n    resolution: {integrity: ${INTEGRITY}}\n  c@2.0.0(d@1.0.0):\n    resolution: {tarball: http://127.0.0.1/c.tgz}\n`,
  ],
  [
    readBunLock,
    `{\n  "lockfileVersion": 1, // a comment\n  "packages": {\n    "a": ["a@1.0.0", "", {}, "${INTEGRITY}"],\n  },\n}\n`,
  ],
  [
    readPipfileLock,
    `{"_meta":{},"default":{"a":{"hashes":["sha256:${DIGEST}"],"version":"==1.0"},"b":{"git":"http://127.0.0.1/b"}}}`,
  ],
  [
    readPythonToml,
    `[[package]]\nname = "a"\nversion = "1.0"\nsource = { registry = "http://127.0.0.1/" }\nsdist = { url = "http://127.0.0.1/a.tar.gz", hash = "sha256:${DIGEST}" }\n`,
  ],
  [
    readRequirements,
    `--index-url http://127.0.0.1/\na[b]==1.0 ; python_version > "3" \\\n    --hash=sha256:${DIGEST}\nc @ http://127.0.0.1/c.whl\n-e .\n`,
  ],
  [
    readNugetLock,
    `{"version":1,"dependencies":{"net8.0":{"A":{"type":"Direct","resolved":"1.0.0","contentHash":"${INTEGRITY.slice(7)}"}}}}`,
  ],
  [readNugetLibraries, `{"libraries":{"A/1.0.0":{"type":"package","sha512":"${INTEGRITY}"}}}`],
  [readPackagesConfig, `<?xml version="1.0"?>\n<packages><package id="A" version="1.0.0" /></packages>`],
];

/** Lock files of every format; the first byte says which. */
export const LOCKFILES: Target = {
  seeds: FORMATS.map(([, text], at) => Buffer.concat([Buffer.from([at]), Buffer.from(text)])),
  read(bytes) {
    const [reader] = FORMATS[(bytes[0] ?? 0) % FORMATS.length]!;
    try {
      return [...reader(bytes.toString("utf8", 1))];
    } catch (error) {
      // What is wrong is said in words; running out of something, and what is undefined, is no such word.
      if (error instanceof RangeError || error instanceof TypeError) throw error;
      return (error as Error).message;
    }
  },
};

/** Fetches the benign sets of the evaluation through pip and npm, running nothing that they contain. See README.md. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sha256Hex } from "../src/lib/digest.ts";
import { isPackage } from "../src/lib/lockfiles/lockfile.ts";
import { readNpmLock as readNpmLockfile } from "../src/lib/lockfiles/npm-lock.ts";
import {
  isPresent,
  type LockedFile,
  type LockedTarball,
  npmContent,
  readNpmLock,
  readPypiLock,
  writeNpmLock,
  writePypiLock,
} from "./benign.ts";
import { collectNuget, readNugetLock, writeNugetLock } from "./nuget.ts";

const HERE = import.meta.dirname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cache: { type: "string", default: join(HERE, "cache") },
    set: { type: "string", multiple: true, default: ["sdists", "hard", "wheels", "npm", "nuget"] },
    git: { type: "string", multiple: true, default: [] },
    freeze: { type: "boolean", default: false },
  },
});
const sets = JSON.parse(readFileSync(join(HERE, "sets.json"), "utf8")) as Record<string, string[]>;

if (values.set.includes("sdists")) collectPypi("sdists", sdistArguments);
if (values.set.includes("hard")) collectPypi("hard", sdistArguments);
if (values.set.includes("wheels")) collectPypi("wheels", wheelArguments);
if (values.set.includes("npm")) collectNpm();
if (values.set.includes("nuget")) collectNupkgs();

/**
 * Fetches what the lock names, or with `--freeze` what sets.json names (only the roots given as arguments, when there are any):
 * the lock then names all that is in the folder.
 */
function collectPypi(set: "sdists" | "hard" | "wheels", argumentsFor: () => readonly string[]): void {
  const folder = join(values.cache, set);
  mkdirSync(folder, { recursive: true });
  const locked = readPypiLock()[set] ?? [];
  const roots = positionals.length > 0 ? positionals : sets[set]!;
  const wanted = values.freeze ? roots : missing(locked, folder).map(pinOf);
  const kept = new Set(
    set !== "wheels" ? readdirSync(folder).map((name) => canonical(pinOf(lockedFile(folder, name)))) : [],
  );
  const pins = [...new Set(wanted)].filter((pin) => !kept.has(canonical(pin)));
  // A failure fails all of one call, and a call costs seconds; wheels are resolved with their dependencies, so one by one.
  const atOnce = set !== "wheels" ? 16 : 1;
  for (let index = 0; index < pins.length; index += atOnce) {
    fetchAll(pins.slice(index, index + atOnce), argumentsFor, folder);
    console.error(`${set}: ${Math.min(index + atOnce, pins.length)} of ${pins.length}`);
  }
  if (values.freeze)
    writePypiLock(
      set,
      readdirSync(folder).map((filename) => lockedFile(folder, filename)),
    );
  const absent = missing(readPypiLock()[set] ?? [], folder);
  for (const file of absent) console.error(`${set}: ${file.filename} is missing or has other bytes than the lock says`);
}

/** No code of a source archive runs: see unbuilt/sitecustomize.py. */
function sdistArguments(): readonly string[] {
  return ["--no-deps", "--no-binary", ":all:", "--use-pep517", "--no-build-isolation"];
}

function wheelArguments(): readonly string[] {
  return ["--only-binary", ":all:", ...(values.freeze ? [] : ["--no-deps"])];
}

/** Fetches pins together, and without the one that pip names, or in halves, when one of them cannot be had. */
function fetchAll(pins: readonly string[], argumentsFor: () => readonly string[], folder: string): void {
  const problem = pins.length === 0 ? undefined : fetchWithPip(argumentsFor(), pins, folder);
  if (problem === undefined) return;
  const culprit = pins.length === 1 ? pins[0] : pins.find((pin) => problem.endsWith(` ${pin}`));
  if (culprit !== undefined) console.error(`${culprit}: ${problem}`);
  const rest = pins.filter((pin) => pin !== culprit);
  const half = culprit === undefined ? Math.ceil(rest.length / 2) : rest.length;
  for (const part of [rest.slice(0, half), rest.slice(half)]) fetchAll(part, argumentsFor, folder);
}

function fetchWithPip(args: readonly string[], pins: readonly string[], folder: string): string | undefined {
  const arriving = join(folder, "..", "arriving");
  rmSync(arriving, { recursive: true, force: true });
  const done = spawnSync(
    "python3",
    ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", arriving, ...args, ...pins],
    {
      encoding: "utf8",
      timeout: 600_000,
      env: { ...process.env, PYTHONPATH: join(HERE, "unbuilt"), UNBUILT: pins.join(" ") },
    },
  );
  if (done.status !== 0) return done.stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "pip failed";
  for (const filename of readdirSync(arriving)) renameSync(join(arriving, filename), join(folder, filename));
  return undefined;
}

/** What the lock names and is not there yet, or with `--freeze` what sets.json names; `--git OWNER/NAME=DIRECTORY` says where snapshots are. */
function collectNupkgs(): void {
  const folder = join(values.cache, "nuget");
  const git = new Map(
    values.git.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)] as const),
  );
  const absent = readNugetLock().filter((one) => !isPresent(one, folder));
  const roots = positionals.length > 0 ? positionals : sets["nuget"]!;
  const found = collectNuget(values.freeze ? roots : absent.map(({ from }) => from), folder, git);
  if (values.freeze) writeNugetLock([...readNugetLock(), ...found]);
  for (const one of readNugetLock())
    if (!isPresent(one, folder))
      console.error(`nuget: ${one.filename} is missing or has other bytes than the lock says`);
}

/** npm resolves each application by itself, without installing it; its cache keeps each tarball under the digest that it checked. */
function collectNpm(): void {
  const cache = join(values.cache, "npm");
  if (values.freeze) {
    for (const root of sets["npm"]!) {
      const locked = resolveNpm(root, cache);
      console.error(`npm: ${root} ${typeof locked === "string" ? locked : `${locked.length} packages`}`);
      if (typeof locked !== "string") writeNpmLock([...readNpmLock(), ...locked]);
    }
  }
  const pins = readNpmLock()
    .filter((tarball) => !existsSync(npmContent(values.cache, tarball)))
    .map(({ name, version }) => `${name}@${version}`);
  for (let index = 0; index < pins.length; index += 100) {
    runNpm(["cache", "add", ...pins.slice(index, index + 100)], cache, values.cache);
    console.error(`npm: ${Math.min(index + 100, pins.length)} of ${pins.length}`);
  }
}

/** What installing `root` would fetch, or why that cannot be said. */
function resolveNpm(root: string, cache: string): LockedTarball[] | string {
  const folder = join(values.cache, "resolving");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"private":true}\n');
  const flags = ["--package-lock-only", "--ignore-scripts", "--legacy-peer-deps", "--prefer-offline", "--no-audit"];
  const problem = runNpm(["install", ...flags, root], cache, folder);
  const lock = join(folder, "package-lock.json");
  if (problem !== undefined || !existsSync(lock)) return problem ?? "has no lock file";
  return [...readNpmLockfile(readFileSync(lock, "utf8"))].flatMap((entry) => {
    const sha512 = isPackage(entry) ? entry.digests.find((digest) => digest.startsWith("sha512:")) : undefined;
    return isPackage(entry) && sha512 !== undefined
      ? [
          {
            name: entry.name,
            version: entry.version,
            integrity: Buffer.from(sha512.slice(7), "hex").toString("base64"),
          },
        ]
      : [];
  });
}

function runNpm(args: readonly string[], cache: string, cwd: string): string | undefined {
  const done = spawnSync("npm", [...args, "--cache", cache, "--no-fund"], { cwd, encoding: "utf8", timeout: 900_000 });
  return done.status === 0 ? undefined : (/error notarget (.*)/.exec(done.stderr)?.[1] ?? "npm failed").slice(0, 200);
}

function missing(files: readonly LockedFile[], folder: string): readonly LockedFile[] {
  return files.filter((file) => !isPresent(file, folder));
}

function lockedFile(folder: string, filename: string): LockedFile {
  const [, name, version] = /^(.+?)-(\d[^-]*?)(?:\.tar\.gz|\.zip|\.tgz|-.*\.whl)$/.exec(filename) ?? [
    filename,
    filename,
    "",
  ];
  return { name: name!, version: version!, filename, sha256: sha256Hex(readFileSync(join(folder, filename))) };
}

function pinOf({ name, version }: LockedFile): string {
  return `${name}==${version}`;
}

/** PyPI's own notion of one name: https://peps.python.org/pep-0503/#normalized-names */
function canonical(pin: string): string {
  return pin.replace(/[-_.]+(?=[^=]*==)/g, "-").toLowerCase();
}

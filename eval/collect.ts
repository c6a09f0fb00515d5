/** Fetches the benign sets of the evaluation through pip and npm, running nothing that they contain. See README.md. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sha256Hex } from "../src/lib/digest.ts";
import { type LockedFile, readPypiLock, writePypiLock } from "./benign.ts";

const HERE = import.meta.dirname;
const { values } = parseArgs({
  options: {
    cache: { type: "string", default: join(HERE, "cache") },
    set: { type: "string", multiple: true, default: ["sdists", "wheels", "npm"] },
    freeze: { type: "boolean", default: false },
  },
});
const sets = JSON.parse(readFileSync(join(HERE, "sets.json"), "utf8")) as Record<string, string[]>;

if (values.set.includes("sdists")) collectPypi("sdists", sdistArguments);
if (values.set.includes("wheels")) collectPypi("wheels", wheelArguments);
if (values.set.includes("npm")) collectNpm();

/** Fetches what the lock names, or with `--freeze` what sets.json names, which then becomes the lock. */
function collectPypi(set: "sdists" | "wheels", argumentsFor: () => readonly string[]): void {
  const folder = join(values.cache, set);
  mkdirSync(folder, { recursive: true });
  const locked = readPypiLock()[set] ?? [];
  const wanted = values.freeze ? sets[set]! : missing(locked, folder).map(pinOf);
  const kept = new Set(
    set === "sdists" ? readdirSync(folder).map((name) => canonical(pinOf(lockedFile(folder, name)))) : [],
  );
  const pins = [...new Set(wanted)].filter((pin) => !kept.has(canonical(pin)));
  // A failure fails all of one call, and a call costs seconds; wheels are resolved with their dependencies, so one by one.
  const atOnce = set === "sdists" ? 16 : 1;
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

/** npm keeps every tarball that it installs in its cache, under the digest that the lock file names; the installed tree is not needed. */
function collectNpm(): void {
  const folder = join(HERE, "npm");
  mkdirSync(folder, { recursive: true });
  if (values.freeze) {
    const dependencies = Object.fromEntries(
      sets["npm"]!.map((pin) => [pin.slice(0, pin.lastIndexOf("@")), pin.slice(pin.lastIndexOf("@") + 1)]),
    );
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true, dependencies }, null, 1)}\n`);
    rmSync(join(folder, "package-lock.json"), { force: true });
  }
  const common = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--legacy-peer-deps",
    "--cache",
    join(values.cache, "npm"),
  ];
  const resolved = ["--omit-lockfile-registry-resolved"];
  spawnSync("npm", [values.freeze ? "install" : "ci", ...common, ...resolved], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
}

function missing(files: readonly LockedFile[], folder: string): readonly LockedFile[] {
  return files.filter((file) => !isPresent(file, folder));
}

function isPresent({ filename, sha256 }: LockedFile, folder: string): boolean {
  const path = join(folder, filename);
  return existsSync(path) && sha256Hex(readFileSync(path)) === sha256;
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

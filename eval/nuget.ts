import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { sha256Hex } from "../src/lib/digest.ts";
import { nupkg } from "../test/support/archives.ts";

/**
 * One nupkg of the harmless set: found as it is in a public repository, or made of the assemblies and build files that a package
 * of another registry carries, because NuGet's own is not always in reach.
 */
export interface LockedNupkg {
  readonly filename: string;
  /** `apt NAME=VERSION`, `pip NAME==VERSION`, `npm NAME@VERSION` or `git OWNER/NAME COMMIT PATH`. */
  readonly from: string;
  readonly sha256: string;
}

const LOCK = join(import.meta.dirname, "nuget.lock.json");
const LARGEST_FILE = 8 << 20;
const LARGEST_PACKAGE = 32 << 20;
const MOST_FILES = 5_000;
/** Packages that tests keep because a client has to refuse them, or whose file has another name than the package in it. */
const BROKEN =
  /Invalid|Double(?:For|Back)wardSlash|VeryLong|Corrupted|IncorrectlySigned|NestedContainer|PackageWithStrongNamedLib\.1\.0\.nupkg/;

/** The pinned packages. */
export function readNugetLock(): readonly LockedNupkg[] {
  return existsSync(LOCK) ? JSON.parse(readFileSync(LOCK, "utf8")) : [];
}

/** Replaces the lock, sorted so that a change reads well. */
export function writeNugetLock(packages: readonly LockedNupkg[]): void {
  const lines = new Map(packages.map((one) => [one.filename.toLowerCase(), JSON.stringify(one)]));
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(LOCK, `[\n${sorted.map(([, line]) => line).join(",\n")}\n]\n`);
}

/**
 * Fetches what `roots` name (as `from` of the lock, versions may be absent) into `folder` and says what came. `gitDirectories` are
 * snapshots of the repositories by `OWNER/NAME`; what has none is passed over. Nothing that arrives is run.
 */
export function collectNuget(
  roots: readonly string[],
  folder: string,
  gitDirectories: ReadonlyMap<string, string>,
): readonly LockedNupkg[] {
  mkdirSync(folder, { recursive: true });
  const found: LockedNupkg[] = [];
  const pins = new Map<string, string[]>();
  for (const root of roots) {
    const [registry = "", name = "", commit, ...path] = root.split(" ");
    const git = gitDirectories.get(name);
    if (registry !== "git") pins.set(registry, [...(pins.get(registry) ?? []), name]);
    else if (git === undefined) console.error(`nuget: ${root} needs --git ${name}=DIRECTORY`);
    else found.push(...fromGit(git, name, commit ?? "HEAD", path.join(" "), folder));
  }
  for (const [registry, names] of pins) {
    for (const archive of fetchArchives(registry, names, join(folder, "..", "nuget-sources"))) {
      const made = fromArchive(registry, archive, folder);
      if (typeof made === "string") console.error(`nuget: ${basename(archive)} ${made}`);
      else found.push(made);
    }
  }
  return found;
}

/** The packages of a repository's own tests; each content once, below the path when one is given. */
function fromGit(
  git: string,
  repository: string,
  commit: string,
  only: string,
  folder: string,
): readonly LockedNupkg[] {
  const run = (...args: string[]) => spawnSync("git", ["-C", git, ...args], { maxBuffer: 64 << 20 }).stdout;
  const id = run("rev-parse", commit).toString().trim();
  const packages = new Map<string, LockedNupkg>();
  for (const path of run("ls-tree", "-r", "-z", "--name-only", id).toString().split("\0")) {
    if (!/\.nupkg$/i.test(path) || BROKEN.test(path) || (only !== "" && path !== only)) continue;
    const bytes = run("cat-file", "blob", `${id}:${path}`);
    const sha256 = sha256Hex(bytes);
    if (bytes.subarray(0, 2).toString() !== "PK" || packages.has(sha256)) continue;
    // Files of one name differ between a repository's tests, and inspection compares names with manifests.
    const filename = `${sha256.slice(0, 8)}/${basename(path)}`;
    mkdirSync(join(folder, sha256.slice(0, 8)), { recursive: true });
    writeFileSync(join(folder, filename), bytes);
    packages.set(sha256, { filename, from: `git ${repository} ${id} ${path}`, sha256 });
  }
  return [...packages.values()];
}

/** A nupkg of what an archive of another registry carries, or why there is none. */
function fromArchive(registry: string, archive: string, folder: string): LockedNupkg | string {
  const unpacked = join(folder, "..", "unpacked-nuget");
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  if (!run(unpackCommand(archive), unpacked)) return "could not be unpacked";
  const files = dotnetFiles(unpacked);
  rmSync(unpacked, { recursive: true, force: true });
  if (files.length === 0) return "carries nothing of .NET";
  const { name, version } = named(basename(archive));
  const bytes = nupkg({ name, version, files, store: true });
  const filename = `${name}.${version}.nupkg`;
  writeFileSync(join(folder, filename), bytes);
  const at = { apt: "=", pip: "==", npm: "@" }[registry]!;
  return { filename, from: `${registry} ${name}${at}${version}`, sha256: sha256Hex(bytes) };
}

/** Archives of `pins`, kept in a folder of their own; one call for all of them, and one for each when that fails. */
function fetchArchives(registry: string, pins: readonly string[], sources: string): readonly string[] {
  const fetch = FETCH[registry];
  if (fetch === undefined) throw new Error(`${registry} is no registry that is known here`);
  mkdirSync(sources, { recursive: true });
  const absent = pins.filter((pin) => archiveOf(pin, sources) === undefined);
  if (absent.length > 0 && !run(fetch(absent), sources)) for (const pin of absent) run(fetch([pin]), sources);
  return pins.flatMap((pin) => {
    const archive = archiveOf(pin, sources);
    if (archive === undefined) console.error(`nuget: ${registry} ${pin} could not be fetched`);
    return archive === undefined ? [] : [join(sources, archive)];
  });
}

/** The archive of `NAME` or `NAME=VERSION` among those that are there. */
function archiveOf(pin: string, sources: string): string | undefined {
  const [wanted = "", version] = pin.split(/==?|@/);
  return readdirSync(sources).find((archive) => {
    const found = named(archive);
    return canonical(found.name) === canonical(wanted) && (version === undefined || found.version === version);
  });
}

function canonical(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

const FETCH: Readonly<Record<string, (pins: readonly string[]) => readonly string[]>> = {
  apt: (pins) => ["apt-get", "download", "-q", ...pins],
  pip: (pins) => [
    "python3",
    "-m",
    "pip",
    "download",
    "-q",
    "--disable-pip-version-check",
    "--no-deps",
    "--only-binary",
    ":all:",
    ...pins,
  ],
  npm: (pins) => ["npm", "pack", "--silent", "--ignore-scripts", ...pins],
};

function unpackCommand(archive: string): readonly string[] {
  if (archive.endsWith(".deb")) return ["dpkg-deb", "-x", archive, "."];
  if (archive.endsWith(".whl")) return ["python3", "-m", "zipfile", "-e", archive, "."];
  return ["tar", "-xzf", archive];
}

function run([command = "", ...args]: readonly string[], cwd: string): boolean {
  return spawnSync(command, args, { cwd, stdio: "ignore", timeout: 300_000 }).status === 0;
}

/** `name_1.2-3_all.deb`, `name-1.2-py3-none-any.whl`, `name-1.2.tgz`. */
function named(archive: string): { readonly name: string; readonly version: string } {
  const [, name = archive, version = "0"] =
    /^(.+?)_([^_]+)_\w+\.deb$/.exec(archive) ??
    /^([^-]+)-([^-]+)-.*\.whl$/.exec(archive) ??
    /^(.+)-(\d.*)\.tgz$/.exec(archive) ??
    [];
  return { name: name.replace(/[^\w.-]/g, "_"), version: decodeURIComponent(version).replace(/[^\w.+~-]/g, "_") };
}

/** Assemblies, build files and scripts of a folder at the places where NuGet would have them, in the order of their names. */
function dotnetFiles(folder: string): readonly (readonly [string, Buffer])[] {
  const files = new Map<string, Buffer>();
  let total = 0;
  const paths = readdirSync(folder, { recursive: true }).map(String).sort().slice(0, MOST_FILES);
  for (const path of paths) {
    const place = placeOf(path);
    const stat = lstatSync(join(folder, path));
    if (place === undefined || files.has(place) || !stat.isFile() || stat.size > LARGEST_FILE) continue;
    if (total + stat.size > LARGEST_PACKAGE) break;
    total += stat.size;
    files.set(place, readFileSync(join(folder, path)));
  }
  return [...files];
}

function placeOf(path: string): string | undefined {
  const name = basename(path);
  if (/\.(?:dll|exe)$/i.test(name)) return `lib/net45/${name}`;
  if (/\.(?:targets|props|tasks)$/i.test(name)) return `build/${name}`;
  return /\.ps1$/i.test(name) ? `tools/${name}` : undefined;
}

import { type Elsewhere, isPackage, type LockedEntry, type LockedPackage } from "./lockfile.ts";

export interface Lockfile {
  /** The name by which people know the format: `package-lock.json`, `uv.lock`, … */
  readonly format: string;
  /** Each name and version once, in the order of the file. */
  readonly packages: readonly LockedPackage[];
  readonly elsewhere: readonly Elsewhere[];
  /** One-based line where a package stands, as near as its name and version tell; undefined when they do not stand together. */
  lineOf(name: string, version: string): number | undefined;
}

interface Format {
  readonly format: string;
  readonly names: RegExp;
  read(source: string): Promise<Iterable<LockedEntry>>;
}

/** Readers are loaded when needed: YAML and Yarn's own syntax cost more to load than most lock files to read. */
const FORMATS: readonly Format[] = [
  {
    format: "package-lock.json",
    names: /^(\.?package-lock|npm-shrinkwrap)\.json$/,
    read: async (source) => (await import("./npm-lock.ts")).readNpmLock(source),
  },
  {
    format: "yarn.lock",
    names: /^yarn\.lock$/,
    read: async (source) => (await import("./yarn-lock.ts")).readYarnLock(source),
  },
  {
    format: "pnpm-lock.yaml",
    names: /^pnpm-lock.*\.yaml$/,
    read: async (source) => (await import("./pnpm-lock.ts")).readPnpmLock(source),
  },
  {
    format: "bun.lock",
    names: /^bun\.lock$/,
    read: async (source) => (await import("./bun-lock.ts")).readBunLock(source),
  },
  {
    format: "poetry.lock, pdm.lock, uv.lock, pylock.toml",
    names: /^((poetry|pdm.*|uv)\.lock|pylock(\..+)?\.toml)$/,
    read: async (source) => (await import("./python-toml.ts")).readPythonToml(source),
  },
  {
    format: "Pipfile.lock",
    names: /^Pipfile\.lock$/,
    read: async (source) => (await import("./pipfile-lock.ts")).readPipfileLock(source),
  },
  {
    format: "packages.lock.json",
    names: /^packages(\..+)?\.lock\.json$/,
    read: async (source) => (await import("./nuget-lock.ts")).readNugetLock(source),
  },
  {
    format: "project.assets.json, *.deps.json",
    names: /^project\.assets\.json$|\.deps\.json$/,
    read: async (source) => (await import("./nuget-lock.ts")).readNugetLibraries(source),
  },
  {
    format: "packages.config",
    names: /^packages(\..+)?\.config$/,
    read: async (source) => (await import("./nuget-lock.ts")).readPackagesConfig(source),
  },
  {
    format: "requirements.txt",
    names: /\.txt$|^requirements.*\.in$/,
    read: async (source) => (await import("./requirements-txt.ts")).readRequirements(source),
  },
];

/** The lock file formats that are read, for messages and documentation. */
export const LOCKFILE_FORMATS: readonly string[] = FORMATS.map(({ format }) => format);

/** Whether a file's name (without folder) is that of a lock file; any `.txt` is taken for a requirements file. */
export function isLockfileName(filename: string): boolean {
  return FORMATS.some(({ names }) => names.test(filename));
}

/**
 * Reads a lock file by the format that its name tells, at most `maxEntries` entries. Throws a SyntaxError that says what is wrong,
 * or a RangeError when it has more entries.
 */
export async function readLockfile(filename: string, source: string, maxEntries: number): Promise<Lockfile> {
  const format = FORMATS.find(({ names }) => names.test(filename));
  if (format === undefined) throw new SyntaxError("its name is that of no lock file");
  const packages = new Map<string, LockedPackage>();
  const elsewhere = new Map<string, Elsewhere>();
  for (const entry of await entriesOf(format, source)) {
    if (packages.size + elsewhere.size >= maxEntries) throw new RangeError(`it has more than ${maxEntries} entries`);
    if (isPackage(entry)) packages.set(`${entry.name}@${entry.version}`, joined(packages, entry));
    else elsewhere.set(entry.name, entry);
  }
  return {
    format: format.format,
    packages: [...packages.values()],
    elsewhere: [...elsewhere.values()],
    lineOf: (name, version) => lineOf(source, name, version),
  };
}

/** All entries, because readers report what is malformed only when they come to it. */
async function entriesOf(format: Format, source: string): Promise<readonly LockedEntry[]> {
  try {
    return [...(await format.read(source))];
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new SyntaxError(`it is no ${format.format}: ${reason}`);
  }
}

/** One version may stand there several times, with and without digests. */
function joined(known: ReadonlyMap<string, LockedPackage>, entry: LockedPackage): LockedPackage {
  const before = known.get(`${entry.name}@${entry.version}`);
  return before === undefined ? entry : { ...entry, digests: [...new Set([...before.digests, ...entry.digests])] };
}

/** How far behind a name its version stands in the formats that write them on different lines. */
const NEAR = 300;
const PLACES = 1_000;

function lineOf(source: string, name: string, version: string): number | undefined {
  let place = source.indexOf(name);
  for (let tried = 0; place !== -1 && tried < PLACES; tried++) {
    if (isWholeName(source, place, name) && source.slice(place, place + NEAR).includes(version))
      return source.slice(0, place).split("\n").length;
    place = source.indexOf(name, place + 1);
  }
  return undefined;
}

function isWholeName(source: string, place: number, name: string): boolean {
  const around = (source[place - 1] ?? " ") + (source[place + name.length] ?? " ");
  return !/[\w.-]/.test(around);
}

import { isValidFilename, isValidName, normalizeName } from "./names.ts";
import { normalizeVersion, readVersion, versionKey } from "./versions.ts";

/** What a distribution's file name says. */
export interface FileName {
  readonly kind: "wheel" | "sdist" | "other";
  /** As the listing spells it when it lists versions, otherwise in normal form; text that PEP 440 cannot read stays as it is. */
  readonly version: string;
  /** Compressed tag sets of a wheel (PEP 425); absent otherwise. */
  readonly tags?: { readonly python: string; readonly abi: string; readonly platform: string };
}

/** Versions of a listing by their own text and by `versionKey`, as the listing spells them. */
export type KnownVersions = ReadonlyMap<string, string>;

const SDIST = /\.(?:tar\.gz|zip|tar\.bz2|tgz|tar\.xz|tar\.z|tar)$/i;
/** Formats that indexes still list although no installer of today takes them. */
const LEGACY = /\.(?:egg|exe|msi|rpm|deb|dmg)$/i;
const WHEEL = /\.whl$/i;

/** What built formats append to the version: `.win32-py2.7`, `-py3.8-macosx10.9`, `.linux-x86_64`, `-1.noarch`. */
const BUILT_FOR = [
  /-\d+\.(?:noarch|src|i[3-6]86|x86_64|aarch64)$/,
  /-py\d[\d.]*(?:-[A-Za-z0-9_.-]+)?$/,
  /[.-](?:win32|win-?amd64|win-arm64|linux-\w+|macosx-?[\d.]+(?:-\w+)?|cygwin-[\w.-]+|freebsd-[\w.-]+|solaris-[\w.-]+|noarch|any)$/,
];

/** The versions of a listing, ready for `readFileName`. */
export function knownVersions(versions: readonly string[]): KnownVersions {
  return new Map([
    ...versions.map((version) => [versionKey(version), version] as const),
    ...versions.map((version) => [version, version] as const),
  ]);
}

/**
 * What a file name of a project says of it: wheels by PEP 427, source archives by PEP 625 and the habits before it, and
 * the built formats that indexes still list. Undefined when the name is not one this project can have: a different
 * project's name, an unknown extension, or characters that no path segment may have.
 */
export function readFileName(filename: string, project: string, known?: KnownVersions): FileName | undefined {
  if (!isValidFilename(filename)) return undefined;
  if (WHEEL.test(filename)) return readWheelName(filename.replace(WHEEL, ""), project, known);
  const format = SDIST.exec(filename) ?? LEGACY.exec(filename);
  if (format === null) return undefined;
  const rest = afterName(filename.slice(0, format.index), project);
  const version = rest === undefined ? undefined : chooseVersion(rest, known);
  if (version === undefined || rest === undefined) return undefined;
  const isSdist = SDIST.test(filename) && (version === rest || withoutPlatform(rest) === rest);
  return { kind: isSdist ? "sdist" : "other", version };
}

function readWheelName(stem: string, project: string, known: KnownVersions | undefined): FileName | undefined {
  const parts = stem.split("-");
  const [name = "", version = ""] = parts;
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  if (parts.length === 6 && !/^\d/.test(parts[2]!)) return undefined;
  if (!belongsTo(name, project)) return undefined;
  const [python = "", abi = "", platform = ""] = parts.slice(-3);
  const chosen = chooseVersion(version, known);
  return chosen === undefined ? undefined : { kind: "wheel", version: chosen, tags: { python, abi, platform } };
}

/** What follows `name-` in a file name, where the name may be spelled in any way that normalises to the project. */
function afterName(stem: string, project: string): string | undefined {
  for (let dash = stem.indexOf("-"); dash > 0; dash = stem.indexOf("-", dash + 1)) {
    if (belongsTo(stem.slice(0, dash), project)) return stem.slice(dash + 1);
  }
  return undefined;
}

function belongsTo(name: string, project: string): boolean {
  return isValidName(name) && normalizeName(name) === project;
}

function chooseVersion(rest: string, known: KnownVersions | undefined): string | undefined {
  const exact = known?.get(rest);
  if (exact !== undefined) return exact;
  const bare = withoutPlatform(rest);
  const readable = readVersion(bare) !== undefined;
  // A readable version is never shortened: 1.0.1 must not become the 1.0 that the listing knows.
  for (const candidate of [rest, bare, ...(readable ? [] : prefixes(rest))]) {
    const listed = known?.get(versionKey(candidate));
    if (listed !== undefined) return listed;
  }
  if (readable) return normalizeVersion(bare);
  return /^[A-Za-z0-9][A-Za-z0-9._+!-]*$/.test(bare) ? bare : undefined;
}

function withoutPlatform(rest: string): string {
  return BUILT_FOR.reduce((left, suffix) => left.replace(suffix, ""), rest);
}

/** Every part of `1.0.linux-x86_64` that ends before a separator, longest first. */
function prefixes(rest: string): readonly string[] {
  return [...rest.matchAll(/[.-]/g)].map((match) => rest.slice(0, match.index)).reverse();
}

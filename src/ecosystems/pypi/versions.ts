/** A version read by PEP 440. Numbers have no upper bound, as in Python. */
export interface Version {
  readonly epoch: bigint;
  readonly release: readonly bigint[];
  readonly pre?: { readonly phase: "a" | "b" | "rc"; readonly number: bigint };
  readonly post?: bigint;
  readonly dev?: bigint;
  readonly local?: readonly (bigint | string)[];
}

/** Characters of a version; longer ones are treated as unparsable. */
const VERSION_LENGTH = 200;

/** PEP 440, appendix B. */
const PATTERN = new RegExp(
  [
    /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)/,
    /(?:[-_.]?(?<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>\d*))?/,
    /(?:-(?<implicit>\d+)|[-_.]?(?<posted>post|rev|r)[-_.]?(?<post>\d*))?/,
    /(?:[-_.]?(?<developed>dev)[-_.]?(?<dev>\d*))?/,
    /(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/,
  ]
    .map((part) => part.source)
    .join(""),
  "i",
);

const PHASES: Readonly<Record<string, "a" | "b" | "rc">> = {
  a: "a",
  alpha: "a",
  b: "b",
  beta: "b",
  c: "rc",
  rc: "rc",
  pre: "rc",
  preview: "rc",
};

/** Projects repeat their versions in each file and comparison; reading one costs more than finding it here. */
const recent = new Map<string, Version | undefined>();
const MOST_RECENT = 8192;

/** Reads a version, surrounding white space allowed; undefined when PEP 440 does not. */
export function readVersion(text: string): Version | undefined {
  const known = recent.get(text);
  if (known !== undefined || recent.has(text)) return known;
  const version = parse(text);
  if (recent.size >= MOST_RECENT) recent.clear();
  if (text.length <= VERSION_LENGTH) recent.set(text, version);
  return version;
}

function parse(text: string): Version | undefined {
  const groups = text.length > VERSION_LENGTH ? undefined : PATTERN.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const phase = groups["phase"] === undefined ? undefined : PHASES[groups["phase"].toLowerCase()];
  const posted = groups["implicit"] ?? (groups["posted"] === undefined ? undefined : groups["post"] || "0");
  return {
    epoch: BigInt(groups["epoch"] ?? 0),
    release: groups["release"]!.split(".").map(BigInt),
    ...(phase !== undefined && { pre: { phase, number: BigInt(groups["pre"] || 0) } }),
    ...(posted !== undefined && { post: BigInt(posted) }),
    ...(groups["developed"] !== undefined && { dev: BigInt(groups["dev"] || 0) }),
    ...(groups["local"] !== undefined && { local: readLocal(groups["local"]) }),
  };
}

/** The normal form (`1.0-RC.1` → `1.0rc1`); unparsable text stays as it is. */
export function normalizeVersion(text: string): string {
  const version = readVersion(text);
  return version === undefined ? text : writeVersion(version, version.release);
}

/** Equal for two texts iff PEP 440 calls them the same version (`1.0` and `1.0.0`). */
export function versionKey(text: string): string {
  const version = readVersion(text);
  return version === undefined ? text : writeVersion(version, withoutTrailingZeros(version.release));
}

/** Whether a resolver passes the version over unless asked for pre-releases. Unparsable versions are. */
export function isPrerelease(text: string): boolean {
  const version = readVersion(text);
  return version === undefined || isPre(version);
}

/** Order of versions (PEP 440, "Summary of permitted suffixes and relative ordering"); unparsable ones come first, by text. */
export function compareVersions(a: string, b: string): number {
  const left = readVersion(a);
  const right = readVersion(b);
  if (left === undefined || right === undefined) {
    if (left === right) return a < b ? -1 : Number(a > b);
    return left === undefined ? -1 : 1;
  }
  return compare(left, right);
}

/** `compareVersions` for versions that were read before. */
export function compare(a: Version, b: Version): number {
  return (
    order(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    order(phaseRank(a), phaseRank(b)) ||
    order(a.pre?.number ?? 0n, b.pre?.number ?? 0n) ||
    order(a.post ?? -1n, b.post ?? -1n) ||
    order(Number(a.dev === undefined), Number(b.dev === undefined)) ||
    order(a.dev ?? 0n, b.dev ?? 0n) ||
    compareLocals(a.local ?? [], b.local ?? [])
  );
}

/** Missing segments count as zero. */
function compareReleases(a: readonly bigint[], b: readonly bigint[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = order(a[at] ?? 0n, b[at] ?? 0n);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the version is a pre-release or a development release. */
export function isPre(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

function phaseRank(version: Version): number {
  if (version.pre !== undefined) return { a: 1, b: 2, rc: 3 }[version.pre.phase];
  // 1.0.dev1 comes before 1.0a1, but 1.0.post1.dev1 after 1.0.
  return version.dev !== undefined && version.post === undefined ? 0 : 4;
}

function compareLocals(a: readonly (bigint | string)[], b: readonly (bigint | string)[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const left = a[at]!;
    const right = b[at]!;
    // Numbers sort after words.
    const difference = order(Number(typeof left === "bigint"), Number(typeof right === "bigint")) || order(left, right);
    if (difference !== 0) return difference;
  }
  return order(a.length, b.length);
}

function order<T extends bigint | string | number>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function readLocal(text: string): readonly (bigint | string)[] {
  return text.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? BigInt(part) : part.toLowerCase()));
}

function withoutTrailingZeros(release: readonly bigint[]): readonly bigint[] {
  return release.slice(0, release.findLastIndex((part) => part !== 0n) + 1 || 1);
}

function writeVersion(version: Version, release: readonly bigint[]): string {
  return [
    version.epoch === 0n ? "" : `${version.epoch}!`,
    release.join("."),
    version.pre === undefined ? "" : `${version.pre.phase}${version.pre.number}`,
    version.post === undefined ? "" : `.post${version.post}`,
    version.dev === undefined ? "" : `.dev${version.dev}`,
    version.local === undefined ? "" : `+${version.local.join(".")}`,
  ].join("");
}

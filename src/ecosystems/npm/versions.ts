import semver from "semver";

/** npm reads versions and ranges loosely (`v1.2.3`, `=1.2.3`), and so must whoever predicts what it picks. */
const LOOSE = { loose: true } as const;
/** Like npm's own audit, `<2.0.0` means `2.0.0-beta.1` too: a rule about a version is one about what led to it. */
const WITH_PRERELEASES = { loose: true, includePrerelease: true } as const;

/** SemVer 2 order; build metadata and then text break ties so that the order is total. Unparsable versions come first, by text. */
export function compareVersions(a: string, b: string): number {
  const left = semver.parse(a, LOOSE);
  const right = semver.parse(b, LOOSE);
  if (left === null || right === null) return Number(left !== null) - Number(right !== null) || compareText(a, b);
  return left.compare(right) || left.compareBuild(right) || compareText(a, b);
}

/** Whether a version lies in an npm range (`^1.2`, `>=1 <2 || 3.x`), prereleases included; `*` is every version, parsable or not. */
export function inRange(version: string, range: string): boolean {
  return range.trim() === "*" || semver.satisfies(version, range, WITH_PRERELEASES);
}

/** Whether `inRange` can read the range. */
export function isRange(range: string): boolean {
  return range.length <= 1000 && semver.validRange(range, WITH_PRERELEASES) !== null;
}

/** Whether it is a stable release: parsable and without a prerelease part. */
export function isStable(version: string): boolean {
  return semver.parse(version, LOOSE)?.prerelease.length === 0;
}

/** Its major number, or -1 when it cannot be parsed. */
export function majorOf(version: string): number {
  return semver.parse(version, LOOSE)?.major ?? -1;
}

/** The highest version for which `suits` holds, in one pass. */
export function highest(
  versions: Iterable<string>,
  suits: (version: string) => boolean = () => true,
): string | undefined {
  let best: string | undefined;
  for (const version of versions) {
    if (suits(version) && (best === undefined || compareVersions(version, best) > 0)) best = version;
  }
  return best;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A NuGet version: SemVer 2 with an optional fourth number and optional missing numbers. */
export interface NuGetVersion {
  /** Major, minor, patch, revision; each at most 2147483647. */
  readonly numbers: readonly [number, number, number, number];
  /** Pre-release labels; empty for a stable version. */
  readonly labels: readonly string[];
  /** Build metadata without `+`; empty when there is none. Never compared. */
  readonly metadata: string;
}

/** Versions longer than this are read by no client (the gallery stores 64). */
const MAX_LENGTH = 256;
const MAX_NUMBER = 2147483647;
const SHAPE = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

/** Reads a version by the rules of NuGet.Versioning's loose parser; undefined when it is none. */
export function parseVersion(text: string): NuGetVersion | undefined {
  const match = text.length <= MAX_LENGTH ? SHAPE.exec(text.trim()) : null;
  if (!match) return undefined;
  const [, major = "0", minor = "0", patch = "0", revision = "0", release, metadata = ""] = match;
  const numbers = [Number(major), Number(minor), Number(patch), Number(revision)] as const;
  if (numbers.some((number) => number > MAX_NUMBER)) return undefined;
  const labels = release?.split(".") ?? [];
  if (labels.includes("") || (metadata !== "" && metadata.split(".").includes(""))) return undefined;
  return { numbers, labels, metadata };
}

/** The form in which versions are compared and stored: no leading zeros, no zero revision, no build metadata; the label's case is kept. */
export function formatVersion(version: NuGetVersion): string {
  const [major, minor, patch, revision] = version.numbers;
  const label = version.labels.length > 0 ? `-${version.labels.join(".")}` : "";
  return `${major}.${minor}.${patch}${revision > 0 ? `.${revision}` : ""}${label}`;
}

/** The form in which versions stand in URLs: normalised and in lower case. Unparsable text is only lower-cased. */
export function urlVersion(text: string): string {
  const version = parseVersion(text);
  return (version ? formatVersion(version) : text).toLowerCase();
}

/** Whether clients older than NuGet 4.3 cannot read it: a dotted label, or build metadata. */
export function isSemVer2(version: NuGetVersion): boolean {
  return version.labels.length > 1 || version.metadata !== "";
}

/** Order of parsed versions; equal versions (case of labels and build metadata aside) give 0. */
export function compareParsed(a: NuGetVersion, b: NuGetVersion): number {
  for (let index = 0; index < 4; index++) {
    const difference = a.numbers[index]! - b.numbers[index]!;
    if (difference !== 0) return difference;
  }
  return compareLabels(a.labels, b.labels);
}

/** Order of versions as text; unparsable ones come first, by text. */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left && right) return compareParsed(left, right);
  if (left) return 1;
  if (right) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return (a.length === 0 ? 1 : 0) - (b.length === 0 ? 1 : 0);
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index];
    const right = b[index];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const difference = compareLabel(left, right);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Labels that fit a 32-bit integer are numbers and come before text; longer digits and leading zeros are text. */
function compareLabel(a: string, b: string): number {
  const left = labelNumber(a);
  const right = labelNumber(b);
  if (left !== undefined && right !== undefined) return left - right;
  if (left !== undefined) return -1;
  if (right !== undefined) return 1;
  const [upperA, upperB] = [a.toUpperCase(), b.toUpperCase()];
  return upperA < upperB ? -1 : upperA > upperB ? 1 : 0;
}

function labelNumber(label: string): number | undefined {
  // The client reads labels with int.TryParse, which takes a leading minus.
  if (!/^-?(?:0|[1-9]\d{0,9})$/.test(label)) return undefined;
  const number = Number(label);
  return number <= MAX_NUMBER && number >= -MAX_NUMBER - 1 ? number : undefined;
}

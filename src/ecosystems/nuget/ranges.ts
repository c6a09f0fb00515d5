import type { VersionInterval } from "../ecosystem.ts";
import { compareParsed, compareVersions, type NuGetVersion, parseVersion } from "./versions.ts";

/** A version range in NuGet's interval or floating notation. */
export interface NuGetRange {
  readonly min: NuGetVersion | undefined;
  readonly minInclusive: boolean;
  readonly max: NuGetVersion | undefined;
  readonly maxInclusive: boolean;
  readonly float: Float | undefined;
}

interface Float {
  /** How many numbers are fixed; -1 for `*-*`. */
  readonly fixed: number;
  /** What pre-release labels must begin with, in lower case; undefined = stable versions only. */
  readonly prefix: string | undefined;
}

/** Ranges longer than this are in no manifest. */
const MAX_LENGTH = 512;

/** Reads one range (`1.0`, `[1.0,2.0)`, `1.*`, `2.0.0-*`); undefined when it is none. */
export function parseRange(text: string): NuGetRange | undefined {
  const range = text.trim();
  if (range === "" || range.length > MAX_LENGTH) return undefined;
  if (range[0] !== "[" && range[0] !== "(") return withLower(range, true, { text: "", inclusive: false });
  const last = range.at(-1);
  if (range.length < 2 || (last !== "]" && last !== ")")) return undefined;
  const parts = range.slice(1, -1).split(",");
  if (parts.length > 2) return undefined;
  const minInclusive = range[0] === "[";
  const maxInclusive = last === "]";
  const [lower = "", upper = lower] = parts;
  const exact = parts.length === 1;
  if (exact && (!minInclusive || !maxInclusive || lower.trim() === "" || lower.includes("*"))) return undefined;
  return withLower(lower, minInclusive, { text: upper, inclusive: maxInclusive });
}

/** Whether a version lies in one parsed range. Unlike a client that resolves, it also finds pre-releases between stable bounds. */
export function isInRange(version: NuGetVersion, range: NuGetRange): boolean {
  if (range.min) {
    const order = compareParsed(version, range.min);
    if (order < 0 || (order === 0 && !range.minInclusive)) return false;
  }
  if (range.max) {
    const order = compareParsed(version, range.max);
    if (order > 0 || (order === 0 && !range.maxInclusive)) return false;
  }
  return range.float === undefined || isInFloat(version, range.float, range.min);
}

/**
 * Whether a version lies in a range; several ranges are joined with `||`. `*` is every version, unparsable ones too; a range or
 * version that cannot be read contains nothing. A floating range contains what it floats over: `1.*` is 1.x and not 2.0.
 */
export function inRange(version: string, range: string): boolean {
  if (range.trim() === "*") return true;
  const parsed = parseVersion(version);
  if (!parsed) return false;
  return range.split("||").some((one) => {
    const interval = parseRange(one);
    return interval !== undefined && isInRange(parsed, interval);
  });
}

/** `inRange` as rules and exceptions mean it: a plain version is that version alone, as in every purl, and not "at least" as in a manifest. */
export function isCovered(version: string, range: string): boolean {
  return range
    .split("||")
    .some((one) => (parseVersion(one) ? compareVersions(version, one.trim()) === 0 : inRange(version, one)));
}

/** Exactly these versions and intervals as one range; what is no NuGet version is left out. An exact version has brackets: `1.0` would be "at least". */
export function writeRange(versions: readonly string[], intervals: readonly VersionInterval[]): string {
  const exact = versions.map((version) => `[${version}]`);
  const spans = intervals.map(({ introduced, fixed, lastAffected }) => {
    const lower = introduced === "0" ? "(" : `[${introduced}`;
    return fixed === undefined && lastAffected !== undefined ? `${lower},${lastAffected}]` : `${lower},${fixed ?? ""})`;
  });
  return [...spans, ...exact].filter((one) => parseRange(one) !== undefined).join(" || ");
}

/** Whether `inRange` can read the range. */
export function isRange(range: string): boolean {
  return range.trim() === "*" || range.split("||").every((one) => parseRange(one) !== undefined);
}

function withLower(
  lower: string,
  minInclusive: boolean,
  upper: { readonly text: string; readonly inclusive: boolean },
): NuGetRange | undefined {
  const floating = lower.includes("*");
  const floated = floating ? readFloat(lower.trim()) : undefined;
  if (floating && !floated) return undefined;
  const min = floated ? floated.min : readBound(lower);
  const max = readBound(upper.text);
  if (min === null || max === null) return undefined;
  if (min && max) {
    const order = compareParsed(min, max);
    if (order > 0 || (order === 0 && minInclusive !== upper.inclusive)) return undefined;
  }
  return { min, minInclusive, max, maxInclusive: upper.inclusive, float: floated?.float };
}

/** A bound; undefined when there is none, null when it cannot be read. */
function readBound(text: string): NuGetVersion | undefined | null {
  return text.trim() === "" ? undefined : (parseVersion(text) ?? null);
}

/** `*`, `1.*`, `1.2.*`, `1.2.3.*`, `1.0.0-*`, `1.0.0-rc.*`, `1.*-*`, `1.*-rc*`, `*-*`. */
function readFloat(text: string): { readonly min: NuGetVersion; readonly float: Float } | undefined {
  const match = /^((?:\d+\.){0,3})(\d*)(\*?)(?:-([0-9A-Za-z.-]*)\*)?$/.exec(text);
  if (!match) return undefined;
  const [, head = "", digits = "", star = "", prefix] = match;
  if (star === "" && (prefix === undefined || digits === "")) return undefined;
  const numbers = `${head}${digits}${star === "" ? "" : "0"}`;
  const label = prefix === undefined ? "" : `-${prefix === "" || prefix.endsWith(".") ? `${prefix}0` : prefix}`;
  const min = parseVersion(numbers + label);
  if (!min) return undefined;
  const dots = head.split(".").length - 1;
  return { min, float: { fixed: fixedNumbers(star, prefix, dots), prefix: prefix?.toLowerCase() } };
}

function fixedNumbers(star: string, prefix: string | undefined, dots: number): number {
  if (star === "") return 4;
  return dots === 0 && prefix === "" ? -1 : dots;
}

function isInFloat(version: NuGetVersion, float: Float, min: NuGetVersion | undefined): boolean {
  if (float.fixed === -1) return true;
  for (let index = 0; index < float.fixed; index++) {
    if (version.numbers[index] !== min?.numbers[index]) return false;
  }
  if (version.labels.length === 0) return true;
  return float.prefix !== undefined && version.labels.join(".").toLowerCase().startsWith(float.prefix);
}

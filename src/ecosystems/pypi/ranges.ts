import { compare, isPre, normalizeVersion, readVersion, type Version } from "./versions.ts";

type Operator = "===" | "~=" | "==" | "!=" | "<=" | ">=" | "<" | ">";

interface Specifier {
  readonly operator: Operator;
  readonly text: string;
  /** Undefined for `===` with text that is no version. */
  readonly version: Version | undefined;
  /** `.*` follows. */
  readonly prefix: boolean;
}

/** Characters of a range; longer ones cannot be read. */
const RANGE_LENGTH = 1000;

/**
 * Whether a version lies in a set of PEP 440 specifiers (`>=1.0,!=1.3.*,<2`). `*` and the empty range hold every version; a
 * version alone means exactly that one; several sets are joined with `||`. Pre-releases count by their place in the order:
 * whether a resolver would pick one is another question. An unparsable version lies only in `*` and in `===` of its own
 * text. A range that cannot be read holds nothing (`isRange` tells).
 */
export function inRange(version: string, range: string): boolean {
  const read = readVersion(version);
  return readRange(range)?.some((set) => set.every((specifier) => matches(specifier, version, read))) ?? false;
}

/** Whether `inRange` can read the range. */
export function isRange(range: string): boolean {
  return readRange(range) !== undefined;
}

function readRange(range: string): readonly (readonly Specifier[])[] | undefined {
  if (range.length > RANGE_LENGTH) return undefined;
  const sets: Specifier[][] = [];
  for (const set of range.split("||").map((text) => text.trim())) {
    const specifiers = set === "" || set === "*" ? [] : set.split(",").map((part) => readSpecifier(part.trim()));
    if (!specifiers.every((specifier) => specifier !== undefined)) return undefined;
    sets.push(specifiers);
  }
  return sets;
}

function readSpecifier(part: string): Specifier | undefined {
  const operator = (/^(?:===|~=|==|!=|<=|>=|<|>)/.exec(part)?.[0] ?? "") as Operator | "";
  const text = part.slice(operator.length).trim();
  const prefix = text.endsWith(".*") && (operator === "==" || operator === "!=");
  const version = readVersion(prefix ? text.slice(0, -2) : text);
  if (text === "" || /\s/.test(text)) return undefined;
  if (operator === "===") return { operator, text, version, prefix };
  if (operator === "") return { operator: version === undefined ? "===" : "==", text, version, prefix };
  return version !== undefined && allowed(operator, version, prefix) ? { operator, text, version, prefix } : undefined;
}

function allowed(operator: Operator, version: Version, prefix: boolean): boolean {
  if (prefix) return !isPre(version) && version.post === undefined && version.local === undefined;
  if (version.local !== undefined) return operator === "==" || operator === "!=";
  return operator !== "~=" || version.release.length > 1;
}

function matches(specifier: Specifier, text: string, version: Version | undefined): boolean {
  const { operator } = specifier;
  if (operator === "===") return sameText(specifier.text, text);
  const bound = specifier.version;
  if (version === undefined || bound === undefined) return false;
  switch (operator) {
    case "==":
      return equals(specifier, bound, version);
    case "!=":
      return !equals(specifier, bound, version);
    case "~=":
      return compare(publicOf(version), bound) >= 0 && startsWith(version, bound, bound.release.length - 1);
    case "<=":
      return compare(publicOf(version), bound) <= 0;
    case ">=":
      return compare(publicOf(version), bound) >= 0;
    case "<":
      return isBelow(version, bound);
    case ">":
      return isAbove(version, bound);
  }
}

/** PEP 440, "Arbitrary equality". */
function sameText(wanted: string, text: string): boolean {
  const lower = wanted.toLowerCase();
  return text.toLowerCase() === lower || normalizeVersion(text).toLowerCase() === lower;
}

/** PEP 440, "Version matching": local labels count only when the specifier has one. */
function equals(specifier: Specifier, bound: Version, version: Version): boolean {
  if (specifier.prefix) return startsWith(version, bound, bound.release.length);
  return compare(bound.local === undefined ? publicOf(version) : version, bound) === 0;
}

/** PEP 440, "Exclusive ordered comparison": `<2` leaves out 2.0rc1, a pre-release of the version named. */
function isBelow(version: Version, bound: Version): boolean {
  return compare(version, isPre(bound) ? bound : { ...bound, dev: 0n }) < 0;
}

/** PEP 440, "Exclusive ordered comparison": `>1.7` leaves out 1.7.post1 and 1.7+local, but `>1.7rc1` and `>1.7.post1` do not. */
function isAbove(version: Version, bound: Version): boolean {
  if (compare(publicOf(version), bound) <= 0) return false;
  if (bound.dev !== undefined || bound.post !== undefined) return true;
  return version.post === undefined || !sameBase(version, bound);
}

function sameBase(a: Version, b: Version): boolean {
  const bare = ({ post: _, dev: __, local: ___, ...rest }: Version): Version => rest;
  return compare(bare(a), bare(b)) === 0;
}

function startsWith(version: Version, bound: Version, length: number): boolean {
  const padded = Array.from({ length }, (_, at) => version.release[at] ?? 0n);
  return version.epoch === bound.epoch && padded.every((part, at) => part === bound.release[at]);
}

function publicOf(version: Version): Version {
  const { local: _, ...rest } = version;
  return rest;
}

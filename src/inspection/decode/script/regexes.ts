import { type Machine, spend } from "./machine.ts";
import { compileRegex, type Matcher, TooLong } from "./matcher.ts";
import { isFunction, listOf, Thing, textOf, UNKNOWN, type Val } from "./values.ts";

interface Regex {
  readonly source: string;
  readonly flags: string;
}
interface Match {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
}

/** Matches of one text. */
const MOST_MATCHES = 50_000;
/** Steps of one search; the regular expressions against debuggers need millions on purpose. */
const MOST_STEPS = 300_000;

/** All matches, the first only without `g`; undefined when that takes too long or the expression is not understood. */
function matchesOf(m: Machine, regex: Regex, text: string): readonly Match[] | undefined {
  let matcher: Matcher;
  try {
    matcher = compileRegex(regex.source.slice(0, 20_000), regex.flags);
    const found: Match[] = [];
    const budget = { steps: MOST_STEPS };
    for (let at = 0; at <= text.length && found.length < MOST_MATCHES; ) {
      const match = matcher(text, at, budget);
      if (match === undefined) break;
      found.push(match);
      if (!regex.flags.includes("g")) break;
      const end = match.index + (match.groups[0]?.length ?? 0);
      at = end === match.index ? end + 1 : end;
    }
    spend(m, (MOST_STEPS - budget.steps) >> 2);
    return found;
  } catch (error) {
    if (!(error instanceof TooLong)) throw error;
    m.steps -= MOST_STEPS >> 2;
    return undefined;
  }
}

function regexOf(value: Val): Regex | undefined {
  if (value instanceof Thing && value.regex !== undefined) return value.regex;
  const text = textOf(value);
  return text === undefined ? undefined : { source: text, flags: "" };
}

/** `text.replace(what, by)` with texts, regular expressions and functions. */
export function replaceBy(m: Machine, text: string, what: Val, by: Val, isAll: boolean): Val {
  const isRegex = what instanceof Thing && what.regex !== undefined;
  const plain = isRegex ? undefined : textOf(what);
  if (!isRegex && plain === undefined) return UNKNOWN;
  const matches = isRegex ? matchesOf(m, what.regex!, text) : occurrences(text, plain!, isAll);
  const replacement = isFunction(by) ? undefined : textOf(by);
  if (matches === undefined || (!isFunction(by) && replacement === undefined)) return UNKNOWN;
  let result = "";
  let last = 0;
  for (const { index, groups } of matches) {
    const piece =
      replacement === undefined ? textOf(m.call(by, undefined, [...groups, index, text])) : filled(replacement, groups);
    if (piece === undefined) return UNKNOWN;
    result += text.slice(last, index) + piece;
    last = index + (groups[0]?.length ?? 0);
  }
  spend(m, result.length + text.length - last);
  return result + text.slice(last);
}

function occurrences(text: string, what: string, isAll: boolean): readonly Match[] {
  const found: Match[] = [];
  for (
    let at = text.indexOf(what);
    at >= 0 && found.length < MOST_MATCHES;
    at = text.indexOf(what, at + Math.max(1, what.length))
  ) {
    found.push({ index: at, groups: [what] });
    if (!isAll) break;
  }
  return found;
}

function filled(replacement: string, groups: Match["groups"]): string {
  if (!replacement.includes("$")) return replacement;
  return replacement.replace(/\$(\$|&|\d{1,2})/g, (whole, what: string) =>
    what === "$"
      ? "$"
      : what === "&"
        ? (groups[0] ?? "")
        : Number(what) < groups.length && Number(what) > 0
          ? (groups[Number(what)] ?? "")
          : whole,
  );
}

/** `text.match(what)`: a list, or null. */
export function matchAll(m: Machine, text: string, what: Val): Val {
  const regex = regexOf(what);
  const matches = regex && matchesOf(m, regex, text);
  if (regex === undefined || matches === undefined) return UNKNOWN;
  if (matches.length === 0) return null;
  return regex.flags.includes("g") ? listOf(matches.map(({ groups }) => groups[0])) : resultOf(matches[0]!);
}

function resultOf({ index, groups }: Match): Thing {
  const list = listOf([...groups]);
  list.members.set("index", index);
  return list;
}

/** `text.search(what)` */
export function searchIn(m: Machine, text: string, what: Val): Val {
  const regex = regexOf(what);
  const matches = regex && matchesOf(m, { ...regex, flags: regex.flags.replace("g", "") }, text);
  return matches === undefined ? UNKNOWN : (matches[0]?.index ?? -1);
}

/** `text.split(/…/)` */
export function splitBy(m: Machine, text: string, regex: Regex): Val {
  const matches = matchesOf(m, { source: regex.source, flags: `${regex.flags.replace("g", "")}g` }, text);
  if (matches === undefined) return UNKNOWN;
  const pieces: Val[] = [];
  let last = 0;
  for (const { index, groups } of matches) {
    const length = groups[0]?.length ?? 0;
    if (length === 0 && (index === last || index >= text.length)) {
      if (index === 0 || index >= text.length) continue;
    }
    pieces.push(text.slice(last, index), ...groups.slice(1));
    last = index + length;
  }
  pieces.push(text.slice(last));
  return listOf(pieces);
}

/** `regex.test(text)`, `regex.exec(text)` with the place where a global one stands. */
export function regexMethod(m: Machine, self: Val, name: string, args: readonly Val[]): Val {
  if (!(self instanceof Thing) || self.regex === undefined) return UNKNOWN;
  if (name === "toString") return textOf(self) ?? UNKNOWN;
  const text = textOf(args[0]);
  if (text === undefined || (name !== "test" && name !== "exec")) return UNKNOWN;
  const isGlobal = self.regex.flags.includes("g");
  const last = isGlobal ? self.members.get("lastIndex") : 0;
  const from = typeof last === "number" ? last : 0;
  const matches = matchesOf(m, { ...self.regex, flags: self.regex.flags.replace("g", "") }, text.slice(from));
  if (matches === undefined) return UNKNOWN;
  const match = matches[0] && { ...matches[0], index: matches[0].index + from };
  if (isGlobal)
    self.members.set("lastIndex", match === undefined ? 0 : match.index + Math.max(1, match.groups[0]?.length ?? 0));
  if (name === "test") return match !== undefined;
  return match === undefined ? null : resultOf(match);
}

/**
 * Expressions of MSBuild worked out as far as they only make text: `$(Name)`, string methods on properties, and static functions
 * that join, format and decode. Whatever else stands in `$(…)` stays as it is written. Nothing that a package wrote is run as a
 * pattern. https://learn.microsoft.com/visualstudio/msbuild/property-functions
 */

/** The value of a property, or undefined where the package does not set it. */
export type Lookup = (name: string) => string | undefined;

/** Nested expressions, characters of one expression, calls in a row, arguments of one call, and characters of what a call makes. */
const DEEPEST = 12;
const LONGEST_EXPRESSION = 40_000;
const MOST_CALLS = 30;
const MOST_ARGUMENTS = 40;
const LONGEST_RESULT = 1 << 20;

/** The text with every expression replaced that can be worked out, at most `longest` characters of it. */
export function evaluate(text: string, lookup: Lookup, longest = LONGEST_RESULT, depth = 0): string {
  if (depth > DEEPEST || !text.includes("$(")) return text;
  let made = "";
  let last = 0;
  for (let at = text.indexOf("$("); at !== -1 && made.length < longest; at = text.indexOf("$(", last)) {
    const close = closing(text, at + 1);
    made += text.slice(last, at);
    const whole = text.slice(at, close === -1 ? at + 2 : close + 1);
    made += close === -1 ? whole : (expression(whole.slice(2, -1), lookup, depth) ?? whole);
    last = at + whole.length;
  }
  return made + text.slice(last);
}

/** Index of the parenthesis that closes the one at `open`, quoted ones apart as MSBuild reads them; -1 where none does near enough. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at !== -1 && at < text.length && at < open + LONGEST_EXPRESSION; at++) {
    const one = text[at]!;
    if (QUOTES.includes(one)) {
      const end = text.indexOf(one, at + 1);
      if (end === -1) return -1;
      at = end;
    } else if (one === "(") depth++;
    else if (one === ")" && --depth === 0) return at;
  }
  return -1;
}

const QUOTES = "'\"`";
/** Bytes as latin1 text, an array, or text. */
type Made = string | readonly string[] | undefined;

const STATIC = /^\s{0,8}\[\s{0,8}([\w.$()]{3,120})\s{0,8}\]\s{0,8}::\s{0,8}(\w{1,60})/;
const NAME = /^\s{0,8}([A-Za-z_][\w-]{0,200})/;

/** What stands between `$(` and `)`, or undefined when that cannot be told. */
function expression(inner: string, lookup: Lookup, depth: number): string | undefined {
  const fixed = STATIC.exec(inner);
  const head = fixed ?? NAME.exec(inner);
  if (head === null) return undefined;
  let rest = inner.slice(head[0].length);
  let value: Made;
  if (fixed === null) value = lookup(head[1]!);
  else {
    const type = evaluate(fixed[1]!, lookup, 1_000, depth + 1).toLowerCase();
    const call = argumentsOf(rest, lookup, depth);
    rest = rest.slice(call.length);
    value = ofType(type, fixed[2]!.toLowerCase(), call.values);
  }
  return chain(value, rest, lookup, depth);
}

/** The methods and indexes behind a value. */
function chain(from: Made, written: string, lookup: Lookup, depth: number): string | undefined {
  let value = from;
  let rest = written;
  for (let calls = 0; rest.trim() !== ""; calls++) {
    if (calls > MOST_CALLS || value === undefined) return undefined;
    const index = /^\s{0,8}\[\s{0,8}(\d{1,6})\s{0,8}\]/.exec(rest);
    const member = index ?? /^\s{0,8}\.\s{0,8}(\w{1,60})/.exec(rest);
    if (member === null) return undefined;
    rest = rest.slice(member[0].length);
    if (index !== null) {
      value = value[Number(index[1])];
      continue;
    }
    const call = argumentsOf(rest, lookup, depth);
    rest = rest.slice(call.length);
    value = ofText(value, member[1]!.toLowerCase(), call.values);
  }
  return typeof value === "string" && value.length <= LONGEST_RESULT ? value : undefined;
}

/** The arguments that `text` begins with, worked out and without quotes; how long they are written. */
function argumentsOf(text: string, lookup: Lookup, depth: number): { values: readonly string[]; length: number } {
  const open = /^\s{0,8}\(/.exec(text)?.[0].length ?? 0;
  const close = open === 0 ? -1 : closing(text, open - 1);
  if (close === -1) return { values: [], length: 0 };
  const values: string[] = [];
  let from = open;
  for (let at = open; at <= close && values.length < MOST_ARGUMENTS; at++) {
    const one = text[at]!;
    if (QUOTES.includes(one)) at = Math.max(at, text.indexOf(one, at + 1));
    else if (one === "(") at = Math.max(at, closing(text, at));
    else if ((one === "," || at === close) && (at > from || values.length > 0)) {
      values.push(evaluate(unquoted(text.slice(from, at).trim()), lookup, LONGEST_RESULT, depth + 1));
      from = at + 1;
    }
  }
  return { values, length: close + 1 };
}

function unquoted(text: string): string {
  const quote = text[0] ?? "";
  return text.length > 1 && QUOTES.includes(quote) && text.endsWith(quote) ? text.slice(1, -1) : text;
}

/** Placeholder for `[System.Text.Encoding]::UTF8`, of which only the next call makes text. */
const ENCODING = "\u0000encoding:";

/** A static function or property that makes text from text. */
function ofType(type: string, name: string, values: readonly string[]): Made {
  const [first = "", second = "", third = ""] = values;
  switch (`${type.replace(/^system\./, "")}::${name}`) {
    case "string::concat":
      return values.join("");
    case "string::join":
      return values.slice(1).join(first);
    case "string::format":
      return first.replace(/\{(\d{1,2})\}/g, (hole, index: string) => values[Number(index) + 1] ?? hole);
    case "string::new":
    case "string::copy":
    case "msbuild::valueordefault":
    case "msbuild::escape":
      return first;
    case "msbuild::unescape":
      return unescaped(first);
    case "text.regularexpressions.regex::replace":
      return /^[\w .:/-]{1,200}$/.test(second) ? replaced(first, second, third) : undefined;
    case "convert::frombase64string":
      return Buffer.from(first, "base64").toString("latin1");
    case "msbuild::convertfrombase64":
      return Buffer.from(first, "base64").toString();
    case "char::convertfromutf32":
    case "convert::tochar":
      return /^\d{1,6}$/.test(first) ? String.fromCodePoint(Number(first)) : undefined;
    case "io.path::combine":
      return values.join("/");
    default:
      return type.endsWith("text.encoding") ? `${ENCODING}${name}` : undefined;
  }
}

/** `%xx` as the characters they stand for. */
export function unescaped(text: string): string {
  return text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A method of a text or of a list of texts. */
function ofText(value: string | readonly string[], name: string, values: readonly string[]): Made {
  const [first = "", second = ""] = values;
  if (typeof value !== "string") return undefined;
  if (value.startsWith(ENCODING)) {
    const bytes = Buffer.from(first, "latin1");
    return name === "getstring" ? bytes.toString(value.endsWith("unicode") ? "utf16le" : "utf8") : undefined;
  }
  const from = Number(first);
  const count = values.length > 1 ? from + Number(second) : undefined;
  switch (name) {
    case "replace":
      return replaced(value, first, second);
    case "substring":
      return value.slice(from, count);
    case "remove":
      return value.slice(0, from) + (count === undefined ? "" : value.slice(count));
    case "insert":
      return value.slice(0, from) + second + value.slice(from);
    case "split":
      return value.split(first === "" ? " " : first[0]!, 1_000);
    case "get_chars":
      return value[from];
    case "trim":
    case "trimstart":
    case "trimend":
      return first === "" ? value.trim() : trimmed(value, first, name);
    case "tolower":
    case "tolowerinvariant":
      return value.toLowerCase();
    case "toupper":
    case "toupperinvariant":
      return value.toUpperCase();
    case "tostring":
    case "normalize":
      return value;
    default:
      return undefined;
  }
}

function replaced(text: string, from: string, to: string): string | undefined {
  if (from === "" || text.length * (to.length + 1) > LONGEST_RESULT) return undefined;
  return text.replaceAll(from, () => to);
}

function trimmed(text: string, characters: string, name: string): string {
  let [from, end] = [0, text.length];
  while (name !== "trimend" && from < end && characters.includes(text[from]!)) from++;
  while (name !== "trimstart" && end > from && characters.includes(text[end - 1]!)) end--;
  return text.slice(from, end);
}

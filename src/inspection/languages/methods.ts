import type { Call } from "./calls.ts";
import { decodeAs, hex, rot13 } from "./codecs.ts";
import { add, join, MOST_ITEMS, MOST_TEXT, spell, textual } from "./operators.ts";
import { type Program, spend } from "./program.ts";
import {
  bytesOf,
  elementsOf,
  GAP,
  listOf,
  mixed,
  numberOf,
  type TextValue,
  textOf,
  type Value,
  wholeNumber,
  wholeText,
} from "./value.ts";

/** What calling a method of a known value gives; undefined when it is not one of those that text is built and hidden with. */
export function callMethod(p: Program, of: Value, name: string, call: Call): Value | undefined {
  if (of.kind === "function" || of.kind === "method") return callThrough(p, of, name, call);
  const first = call.args[0]?.value;
  if (name === "join") return joined(p, of, first);
  if (of.kind === "list") return callList(p, of.items, name, call);
  if (of.kind === "record") return callRecord(of.entries, name, call);
  if (of.kind === "number") return callNumber(of.number, name, call);
  const text = wholeText(of);
  if (text !== undefined) return spend(p, text.length) ? callText(p, of, text, name, call) : undefined;
  if (of.kind === "text" && SAME.has(name)) return of;
  return of.kind === "text" && (name === "format" || name === "concat") ? mixed(of, ...values(call)) : undefined;
}

function values(call: Call): Value[] {
  return call.args.map((argument) => argument.value);
}

/** `f.call(this, a)`, `f.apply(this, [a])`, `f.bind(this)` */
function callThrough(p: Program, of: Value, name: string, call: Call): Value | undefined {
  const given = values(call);
  if (name === "bind") return of;
  if (name !== "call" && name !== "apply") return undefined;
  const passed = name === "call" ? given.slice(1) : [...(elementsOf(given[1]) ?? [])];
  if (of.kind === "function") return p.apply(of, passed);
  return of.kind === "method"
    ? callMethod(p, of.of, of.name, {
        ...call,
        args: passed.map((value) => ({ name: undefined, value, token: call.token })),
      })
    : undefined;
}

const SAME: ReadonlySet<string> = new Set(
  "strip lstrip rstrip encode decode toString trim trimStart trimEnd lower upper toLowerCase toUpperCase valueOf normalize absolute resolve expanduser as_posix".split(
    " ",
  ),
);

/** `separator.join(list)` of Python and `list.join(separator)` of JavaScript. */
function joined(p: Program, of: Value, argument: Value | undefined): Value | undefined {
  const items = of.kind === "list" ? of.items : elementsOf(argument);
  const separator = of.kind === "list" ? (argument === undefined ? "," : wholeText(argument)) : wholeText(of);
  if (items === undefined || separator === undefined) return argument === undefined ? undefined : mixed(of, argument);
  if (items.every((item) => item.kind === "bytes")) {
    const text = items.map((item) => item.text).join(separator);
    return text.length <= MOST_TEXT && spend(p, text.length) ? bytesOf(text) : undefined;
  }
  const texts = items.map((item) => textual(item, p.isPython));
  const text = texts.map((one) => one.text).join(separator);
  if (text.length > MOST_TEXT || !spend(p, text.length)) return mixed(...items);
  const whole = texts.every((one) => one.whole);
  return { kind: "text", text, whole, parts: whole ? [] : texts.flatMap((one) => one.parts).slice(0, 32) };
}

function callList(p: Program, items: Value[], name: string, call: Call): Value | undefined {
  const first = call.args[0]?.value;
  switch (name) {
    case "append":
    case "push":
      if (items.length < MOST_ITEMS && !p.frozen) items.push(...values(call).slice(0, 1000));
      return mixed(...values(call));
    case "reverse":
      return listOf(p.frozen ? items.toReversed() : items.reverse());
    case "map":
      return first?.kind === "function"
        ? mapped(p, items, first)
        : first === undefined
          ? undefined
          : mixed(...items, first);
    case "slice":
      return listOf(items.slice(wholeNumber(first) ?? 0, wholeNumber(call.args[1]?.value)));
    case "concat":
      return listOf([...items, ...values(call).flatMap((value) => (value.kind === "list" ? value.items : [value]))]);
    case "filter":
    case "values":
    case "flat":
      return listOf(items);
    case "pop":
    case "shift":
      return (name === "pop" ? items.at(-1) : items[0]) ?? mixed(...items);
    case "decode":
    case "toString":
      return bytesFrom(items);
    default:
      return undefined;
  }
}

/** Numbers from 0 to 255 as bytes. */
export function bytesFrom(items: readonly Value[]): Value | undefined {
  const numbers = items.map(wholeNumber);
  if (items.length > MOST_ITEMS || !numbers.every((number) => number !== undefined && number >= 0 && number < 256))
    return undefined;
  return bytesOf(Buffer.from(numbers as number[]).toString("latin1"));
}

/** The function's value for each item, while steps last. */
export function mapped(p: Program, items: readonly Value[], callable: Value & { kind: "function" }): Value {
  const found: Value[] = [];
  for (const [at, item] of items.entries()) {
    if (p.steps < 0) return mixed(...items);
    found.push(p.apply(callable, [item, numberOf(at)]));
  }
  return listOf(found);
}

function callRecord(entries: ReadonlyMap<string, Value>, name: string, call: Call): Value | undefined {
  if (name === "get") return entries.get(wholeText(call.args[0]?.value) ?? "") ?? call.args[1]?.value;
  if (name === "values") return listOf([...entries.values()]);
  if (name === "keys") return listOf([...entries.keys()].map(textOf));
  return name === "items" ? listOf([...entries].map(([key, value]) => listOf([textOf(key), value]))) : undefined;
}

function callNumber(number: number | bigint, name: string, call: Call): Value | undefined {
  const first = call.args[0]?.value;
  if (name === "toString") {
    const radix = wholeNumber(first) ?? 10;
    return radix >= 2 && radix <= 36 ? textOf(number.toString(radix)) : undefined;
  }
  if (name !== "to_bytes" || number < 0) return undefined;
  const length = wholeNumber(first ?? undefined) ?? 1;
  const digits = number.toString(16);
  if (length < 0 || length > 1 << 20 || digits.length > length * 2) return undefined;
  const bytes = Buffer.from(digits.padStart(length * 2, "0"), "hex");
  const order = call.args.find((argument) => argument.name === "byteorder")?.value ?? call.args[1]?.value;
  return bytesOf((wholeText(order) === "little" ? bytes.reverse() : bytes).toString("latin1"));
}

function callText(p: Program, of: Value, text: string, name: string, call: Call): Value | undefined {
  const first = call.args[0]?.value;
  const second = call.args[1]?.value;
  const like = (result: string): Value => (of.kind === "bytes" ? bytesOf(result) : textOf(result));
  switch (name) {
    case "absolute":
    case "resolve":
    case "expanduser":
    case "as_posix":
      return p.isPython ? of : undefined;
    case "decode":
    case "toString":
      return decoded(of, text, name, wholeText(first));
    case "encode":
      return bytesOf(Buffer.from(text, /16/.test(wholeText(first) ?? "") ? "utf16le" : "utf8").toString("latin1"));
    case "replace":
    case "replaceAll":
      return replaced(p, text, name, first, second);
    case "split":
      return split(p, text, first);
    case "strip":
    case "trim":
      return like(stripped(text, wholeText(first), true, true));
    case "lstrip":
    case "trimStart":
      return like(stripped(text, wholeText(first), true, false));
    case "rstrip":
    case "trimEnd":
      return like(stripped(text, wholeText(first), false, true));
    case "lower":
    case "toLowerCase":
    case "casefold":
      return like(text.toLowerCase());
    case "upper":
    case "toUpperCase":
      return like(text.toUpperCase());
    case "swapcase":
      return like(text.replace(/[a-zA-Z]/g, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase())));
    case "slice":
    case "substring":
      return sliced(text, name, wholeNumber(first) ?? 0, second === undefined ? text.length : wholeNumber(second));
    case "substr":
      return textOf(text.substr(wholeNumber(first) ?? 0, second === undefined ? text.length : wholeNumber(second)));
    case "charAt":
    case "at":
      return textOf(text.at(wholeNumber(first) ?? 0) ?? "");
    case "charCodeAt":
    case "codePointAt":
      return numberOf(text.charCodeAt(wholeNumber(first) ?? 0));
    case "repeat":
      return text.length * (wholeNumber(first) ?? 0) > MOST_TEXT
        ? undefined
        : textOf(text.repeat(Math.max(0, wholeNumber(first) ?? 0)));
    case "concat":
      return values(call).reduce((whole, value) => add(whole, value, false), textOf(text) as Value);
    case "format":
      return formatted(text, call);
    case "translate":
      return first?.kind === "record" ? textOf(translated(text, first.entries)) : undefined;
    case "hex":
      return textOf(Buffer.from(text, "latin1").toString("hex"));
    case "fromhex":
      return asBytes(hex(wholeText(first) ?? ""));
    case "valueOf":
    case "normalize":
    case "tobytes":
    case "copy":
      return of;
    default:
      return undefined;
  }
}

function asBytes(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : bytesOf(text);
}

function decoded(of: Value, text: string, name: string, encoding: string | undefined): Value | undefined {
  const lower = encoding?.toLowerCase() ?? "utf8";
  if (lower === "hex" || lower === "base64") {
    return name === "toString"
      ? textOf(Buffer.from(text, "latin1").toString(lower))
      : asBytes(Buffer.from(text, lower).toString("latin1"));
  }
  if (/^rot_?13$/.test(lower)) return textOf(rot13(text));
  if (lower === "unicode_escape" || lower === "unicode-escape") return undefined;
  return of.kind === "bytes" ? textOf(decodeAs(text, lower)) : of;
}

/** Plain texts and, of regular expressions, those that name one character or one literal. */
function replaced(
  p: Program,
  text: string,
  name: string,
  first: Value | undefined,
  second: Value | undefined,
): Value | undefined {
  const to = wholeText(second);
  const from = wholeText(first) ?? patternText(first);
  if (from === undefined || to === undefined || from === "") return undefined;
  const isAll = p.isPython || name === "replaceAll" || first?.kind === "name";
  if (isAll && text.length + (text.length / from.length) * to.length > MOST_TEXT * 4) return undefined;
  return textOf(isAll ? text.replaceAll(from, () => to) : text.replace(from, () => to));
}

/** The literal that a regular expression token stands for; see `regexOf`. */
function patternText(value: Value | undefined): string | undefined {
  return value?.kind === "name" && value.name.startsWith("/") ? value.name.slice(1) : undefined;
}

function split(p: Program, text: string, first: Value | undefined): Value | undefined {
  const by = first === undefined ? undefined : (wholeText(first) ?? patternText(first));
  if (first === undefined)
    return p.isPython ? listOf(text.trim().split(/\s+/).slice(0, MOST_ITEMS).map(textOf)) : undefined;
  if (by === undefined || text.length > MOST_ITEMS) return undefined;
  return listOf(text.split(by).map(textOf));
}

function stripped(text: string, characters: string | undefined, left: boolean, right: boolean): string {
  const isStripped = (at: number) =>
    characters === undefined ? text.charAt(at).trim() === "" : characters.includes(text.charAt(at));
  let start = 0;
  let end = text.length;
  while (left && start < end && isStripped(start)) start++;
  while (right && end > start && isStripped(end - 1)) end--;
  return text.slice(start, end);
}

function sliced(text: string, name: string, from: number, to: number | undefined): Value | undefined {
  if (to === undefined) return undefined;
  return textOf(name === "slice" ? text.slice(from, to) : text.substring(from, to));
}

/** `"{} {0} {name}".format(…)`, formats after a colon ignored. */
function formatted(text: string, call: Call): Value {
  const positional = call.args.filter((argument) => argument.name === undefined);
  let next = 0;
  let result: TextValue = textOf("");
  let last = 0;
  for (const hole of text.matchAll(/\{\{|\}\}|\{(\w{0,64})(?:![rsa])?(?::[^{}]{0,64})?\}/g)) {
    result = join(result, textOf(text.slice(last, hole.index)));
    last = hole.index + hole[0].length;
    if (hole[1] === undefined) result = join(result, textOf(hole[0].charAt(0)));
    else {
      const key = hole[1];
      const argument = /^\d*$/.test(key)
        ? positional[key === "" ? next++ : Number(key)]
        : call.args.find((one) => one.name === key);
      result = join(result, shown(argument?.value));
    }
  }
  return join(result, textOf(text.slice(last)));
}

function shown(value: Value | undefined): TextValue {
  const text = value === undefined ? undefined : spell(value, "s");
  if (text !== undefined) return textOf(text);
  return {
    kind: "text",
    text: value?.kind === "text" ? value.text : GAP,
    whole: false,
    parts: value === undefined ? [] : [value],
  };
}

/** Characters replaced by a table of code points. */
function translated(text: string, table: ReadonlyMap<string, Value>): string {
  let result = "";
  for (const character of text) {
    const value = table.get(String(character.codePointAt(0))) ?? table.get(character);
    const number = wholeNumber(value);
    if (value === undefined) result += character;
    else if (number !== undefined && number >= 0 && number <= 0x10ffff) result += String.fromCodePoint(number);
    else result += wholeText(value) ?? "";
  }
  return result;
}

import { type Machine, spend, Thrown } from "./machine.ts";
import { MOST_TEXT } from "./operators.ts";
import { matchAll, replaceBy, searchIn, splitBy } from "./regexes.ts";
import { listOf, numberOf, Thing, textOf, UNKNOWN, Unknown, type Val } from "./values.ts";

/** Methods of texts that take numbers and texts and are carried out as they are. */
const PLAIN = new Set(
  (
    "charAt charCodeAt codePointAt at slice substring substr indexOf lastIndexOf includes startsWith endsWith toLowerCase toUpperCase " +
    "toLocaleLowerCase toLocaleUpperCase trim trimStart trimEnd trimLeft trimRight concat localeCompare normalize toString valueOf " +
    "anchor big blink bold fixed fontcolor fontsize italics link small strike sub sup"
  ).split(" "),
);
type Method = (...args: unknown[]) => unknown;

/** What a method of a text gives. */
export function textMethod(m: Machine, self: Val, name: string, args: readonly Val[]): Val {
  const text = typeof self === "string" ? self : textOf(self);
  if (text === undefined) return UNKNOWN;
  spend(m, name.startsWith("char") ? 1 : 1 + (text.length >> 3));
  if (PLAIN.has(name)) return plain(text, name, args);
  switch (name) {
    case "split":
      return split(m, text, args);
    case "replace":
    case "replaceAll":
      return replaceBy(m, text, args[0], args[1], name === "replaceAll");
    case "match":
    case "matchAll":
      return matchAll(m, text, args[0]);
    case "search":
      return searchIn(m, text, args[0]);
    case "repeat":
    case "padStart":
    case "padEnd":
      return widened(m, text, name, args);
    default:
      return UNKNOWN;
  }
}

function plain(text: string, name: string, args: readonly Val[]): Val {
  const given: unknown[] = [];
  for (const argument of args.slice(0, 100)) {
    const one = argument instanceof Thing ? textOf(argument) : argument;
    if (one instanceof Unknown || (argument instanceof Thing && one === undefined)) return UNKNOWN;
    given.push(one);
  }
  const method = (String.prototype as unknown as Record<string, Method>)[name]!;
  const result = name === "normalize" ? text : method.apply(text, given);
  return typeof result === "string" && result.length > MOST_TEXT ? UNKNOWN : (result as Val);
}

function split(m: Machine, text: string, args: readonly Val[]): Val {
  const [by, most] = args;
  if (by === undefined) return listOf([text]);
  if (by instanceof Thing && by.regex !== undefined) return splitBy(m, text, by.regex);
  const separator = textOf(by);
  if (separator === undefined) return UNKNOWN;
  spend(m, text.length);
  return listOf(text.split(separator, typeof most === "number" ? most : undefined));
}

function widened(m: Machine, text: string, name: string, args: readonly Val[]): Val {
  const count = numberOf(args[0]);
  const filler = args.length > 1 ? textOf(args[1]) : " ";
  if (count === undefined || filler === undefined) return UNKNOWN;
  if (name === "repeat" && (count < 0 || count === Number.POSITIVE_INFINITY)) throw new Thrown("RangeError");
  const size = name === "repeat" ? text.length * count : count;
  if (size > MOST_TEXT) return UNKNOWN;
  spend(m, Math.max(0, Math.floor(size) || 0));
  return name === "repeat"
    ? text.repeat(count)
    : name === "padStart"
      ? text.padStart(count, filler)
      : text.padEnd(count, filler);
}

/** What a method of a number, or of true or false, gives. */
export function numberMethod(self: Val, name: string, args: readonly Val[]): Val {
  if (typeof self !== "number") return name === "toString" || name === "valueOf" ? (textOf(self) ?? UNKNOWN) : UNKNOWN;
  const argument = args[0] === undefined ? undefined : numberOf(args[0]);
  switch (name) {
    case "toString":
      if (argument !== undefined && (argument < 2 || argument > 36)) throw new Thrown("RangeError");
      return self.toString(argument);
    case "toFixed":
      return argument === undefined || (argument >= 0 && argument <= 100) ? self.toFixed(argument) : UNKNOWN;
    case "valueOf":
      return self;
    default:
      return UNKNOWN;
  }
}

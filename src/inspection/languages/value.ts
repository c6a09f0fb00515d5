import type { Call } from "./calls.ts";

/** What an expression is known to give without running it. Values are shared and may form long chains, never circles. */
export type Value =
  | TextValue
  | BytesValue
  | NumberValue
  | ConstantValue
  | ListValue
  | RecordValue
  | NameValue
  | FunctionValue
  | MethodValue
  | MixedValue;

/** Text; where `whole` is false, each unknown piece is shown as `GAP` and what is known of it is in `parts`. */
export interface TextValue {
  readonly kind: "text";
  readonly text: string;
  readonly whole: boolean;
  readonly parts: readonly Value[];
}

/** Bytes, one character each. */
export interface BytesValue {
  readonly kind: "bytes";
  readonly text: string;
}

/** A number that is known. */
export interface NumberValue {
  readonly kind: "number";
  readonly number: number | bigint;
}

/** True, false, or nothing (`None`, `null`, `undefined`). */
export interface ConstantValue {
  readonly kind: "constant";
  readonly constant: true | false | null;
}

/** A list or tuple whose items are known as far as they are values. */
export interface ListValue {
  readonly kind: "list";
  readonly items: Value[];
}

/** A dictionary or object literal; the last of equal keys counts. */
export interface RecordValue {
  readonly kind: "record";
  readonly entries: ReadonlyMap<string, Value>;
}

/** Something outside the file or the result of a call: `os.system`, `requests.get().text`. */
export interface NameValue {
  readonly kind: "name";
  readonly name: string;
  /** The last call in the name. */
  readonly call?: Call;
  /** What it is a member of, where that has no name. */
  readonly of?: Value;
}

/** A function of this file. */
export interface FunctionValue {
  readonly kind: "function";
  /** Empty for anonymous ones. */
  readonly name: string;
  readonly parameters: readonly string[];
  /** Tokens of the body: an expression, or statements up to `bodyEnd`. */
  readonly body: number;
  readonly bodyEnd: number;
  readonly isBlock: boolean;
  /** Which parameter takes all that is given from there on: `*args`, `...rest`. */
  readonly rest?: number;
}

/** A method of a known value, not yet called: `"".join`. */
export interface MethodValue {
  readonly kind: "method";
  readonly of: Value;
  readonly name: string;
}

/** Not known; made from `parts`. */
export interface MixedValue {
  readonly kind: "mixed";
  readonly parts: readonly Value[];
}

/** Stands in texts for a piece that is not known. */
export const GAP = "…";

export const UNKNOWN: MixedValue = { kind: "mixed", parts: [] };
export const NULL: ConstantValue = { kind: "constant", constant: null };
export const TRUE: ConstantValue = { kind: "constant", constant: true };
export const FALSE: ConstantValue = { kind: "constant", constant: false };

/** Parts kept of one mixed value; the rest is dropped. */
const MOST_PARTS = 32;

/** A text that is known to its end. */
export function textOf(text: string): TextValue {
  return { kind: "text", text, whole: true, parts: [] };
}

/** Bytes, one character for each. */
export function bytesOf(text: string): BytesValue {
  return { kind: "bytes", text };
}

/** A number as a value; unknown when it is not finite. */
export function numberOf(number: number): Value {
  return Number.isFinite(number) ? { kind: "number", number } : UNKNOWN;
}

/** A list of values. */
export function listOf(items: Value[]): ListValue {
  return { kind: "list", items };
}

/** An unknown value made from others; constants among them that say nothing are dropped. */
export function mixed(...values: readonly Value[]): Value {
  const parts = values.filter((value) => value.kind !== "number" && value.kind !== "constant" && value !== UNKNOWN);
  return parts.length === 0 ? UNKNOWN : { kind: "mixed", parts: parts.slice(0, MOST_PARTS) };
}

/** Text or bytes that are known to the last character, as one character per character or byte. */
export function wholeText(value: Value | undefined): string | undefined {
  if (value?.kind === "bytes") return value.text;
  return value?.kind === "text" && value.whole ? value.text : undefined;
}

/** A whole number that is safe to calculate with. */
export function wholeNumber(value: Value | undefined): number | undefined {
  if (value?.kind === "constant" && value.constant !== null) return value.constant ? 1 : 0;
  return value?.kind === "number" && Number.isSafeInteger(value.number) ? (value.number as number) : undefined;
}

/** The elements that going through a value gives: of a list, the characters of a text, the numbers of bytes. */
export function elementsOf(value: Value | undefined): readonly Value[] | undefined {
  if (value?.kind === "list") return value.items;
  if (value?.kind === "record") return [...value.entries.keys()].map(textOf);
  const text = wholeText(value);
  if (text === undefined || text.length > MOST_ELEMENTS) return undefined;
  if (value?.kind === "bytes") return Array.from(text, (byte) => numberOf(byte.charCodeAt(0)));
  return Array.from(text, textOf);
}

/** Characters of a text that is taken apart. */
const MOST_ELEMENTS = 1 << 20;

/** Everything that a value is made from, itself first, each once, at most 2,000. */
export function* originsOf(value: Value): Iterable<Value> {
  const seen = new Set<Value>([value]);
  for (const one of seen) {
    if (seen.size > MOST_ORIGINS) return;
    yield one;
    for (const part of partsOf(one)) seen.add(part);
  }
}

const MOST_ORIGINS = 2_000;

function partsOf(value: Value): Iterable<Value> {
  switch (value.kind) {
    case "text":
    case "mixed":
      return value.parts;
    case "list":
      return value.items;
    case "record":
      return value.entries.values();
    case "method":
      return [value.of];
    case "name":
      return partsOfName(value);
    default:
      return [];
  }
}

function* partsOfName(value: NameValue): Iterable<Value> {
  if (value.of !== undefined) yield value.of;
  if (value.call?.receiver !== undefined) yield value.call.receiver;
  for (const argument of value.call?.args ?? []) yield argument.value;
}

import {
  GAP,
  mixed,
  NULL,
  numberOf,
  type TextValue,
  textOf,
  UNKNOWN,
  type Value,
  wholeNumber,
  wholeText,
} from "./value.ts";

/** Characters of one folded text; longer ones stay unknown. */
export const MOST_TEXT = 16 << 20;

/** What a binary operator gives; unknown, but made from both, when it cannot be told. */
export function combine(operator: string, left: Value, right: Value, isPython: boolean): Value {
  if (operator === "+") return add(left, right, isPython);
  if (isPython && operator === "%" && (left.kind === "text" || left.kind === "bytes"))
    return percentFormat(left, right);
  if (isPython && operator === "*") {
    const repeated = repeat(left, right) ?? repeat(right, left);
    if (repeated !== undefined) return repeated;
  }
  if (operator === "or" || operator === "||" || operator === "??" || operator === "and" || operator === "&&") {
    return choose(operator, left, right);
  }
  const one = wholeNumber(left);
  const other = wholeNumber(right);
  if (one === undefined || other === undefined) return mixed(left, right);
  return calculate(operator, one, other, isPython);
}

/** One after the other: texts, bytes, lists and numbers; text around something unknown keeps a gap. */
export function add(left: Value, right: Value, isPython: boolean): Value {
  if (left.kind === "bytes" && right.kind === "bytes") return { kind: "bytes", text: within(left.text + right.text) };
  if (left.kind === "list" && right.kind === "list" && left.items.length + right.items.length <= MOST_ITEMS) {
    return { kind: "list", items: [...left.items, ...right.items] };
  }
  if (left.kind === "text" || right.kind === "text") return join(textual(left, isPython), textual(right, isPython));
  const one = wholeNumber(left);
  const other = wholeNumber(right);
  return one !== undefined && other !== undefined ? numberOf(one + other) : mixed(left, right);
}

export const MOST_ITEMS = 1 << 20;

/** The value as text inside another: numbers and constants spelt out, unknown ones as a gap. */
export function textual(value: Value, isPython: boolean): TextValue {
  if (value.kind === "text") return value;
  if (value.kind === "number") return textOf(String(value.number));
  if (value.kind === "constant") return textOf(constantText(value.constant, isPython));
  if (value.kind === "bytes" && !isPython) return textOf(value.text);
  return { kind: "text", text: GAP, whole: false, parts: value === UNKNOWN ? [] : [value] };
}

const MOST_PARTS = 32;

/** One text after the other, within the bound; what is too long becomes a gap. */
export function join(left: TextValue, right: TextValue): TextValue {
  const parts = left.parts.length === 0 ? right.parts : [...left.parts, ...right.parts].slice(0, MOST_PARTS);
  if (left.text.length + right.text.length > MOST_TEXT) return { kind: "text", text: GAP, whole: false, parts };
  return { kind: "text", text: left.text + right.text, whole: left.whole && right.whole, parts };
}

/** `%`-formatting: `%s`, `%d`, `%x`, `%c`, `%%` and `%(name)s`, with widths ignored. */
function percentFormat(left: Value, right: Value): Value {
  const format = wholeText(left);
  if (format === undefined) return mixed(left, right);
  const values = right.kind === "list" ? right.items : [right];
  let next = 0;
  const parts: Value[] = [];
  let whole = true;
  const text = format.replace(
    /%(?:\((\w{1,64})\))?[-+ #0]{0,5}\d{0,9}(?:\.\d{0,9})?([sdrxXcioufgea%])/g,
    (_, key?: string, type?: string) => {
      if (type === "%") return "%";
      const value = key === undefined ? values[next++] : right.kind === "record" ? right.entries.get(key) : undefined;
      const shown = value === undefined ? undefined : spell(value, type ?? "s");
      if (shown !== undefined) return shown;
      whole = false;
      if (value !== undefined) parts.push(value);
      return GAP;
    },
  );
  if (text.length > MOST_TEXT) return mixed(left, right);
  return left.kind === "bytes" && whole ? { kind: "bytes", text } : { kind: "text", text, whole, parts };
}

/** A known value as a format shows it. */
export function spell(value: Value, type: string): string | undefined {
  const number = wholeNumber(value);
  if (number !== undefined && type === "c")
    return number >= 0 && number <= 0x10ffff ? String.fromCodePoint(number) : undefined;
  if (number !== undefined && type === "x") return number.toString(16);
  if (number !== undefined && type === "X") return number.toString(16).toUpperCase();
  if (number !== undefined && type === "o") return number.toString(8);
  if (number !== undefined && type === "b") return number.toString(2);
  if (value.kind === "number") return String(value.number);
  if (value.kind === "constant") return constantText(value.constant, true);
  return wholeText(value);
}

function constantText(constant: true | false | null, isPython: boolean): string {
  if (!isPython) return String(constant);
  return constant === null ? "None" : constant ? "True" : "False";
}

function repeat(value: Value, times: Value): Value | undefined {
  const count = wholeNumber(times);
  if (count === undefined || (value.kind !== "text" && value.kind !== "bytes" && value.kind !== "list"))
    return undefined;
  const size = value.kind === "list" ? value.items.length : value.text.length;
  if (count <= 0) return value.kind === "list" ? { kind: "list", items: [] } : { ...value, text: "" };
  if (size * count > (value.kind === "list" ? MOST_ITEMS : MOST_TEXT)) return mixed(value);
  if (value.kind !== "list") return { ...value, text: value.text.repeat(count) };
  return { kind: "list", items: Array.from({ length: size * count }, (_, at) => value.items[at % size]!) };
}

function choose(operator: string, left: Value, right: Value): Value {
  const truth = truthOf(left);
  if (operator === "??") return left === NULL ? right : left.kind === "name" ? mixed(left, right) : left;
  if (truth === undefined) return mixed(left, right);
  const wantsLeft = operator === "or" || operator === "||" ? truth : !truth;
  return wantsLeft ? left : right;
}

/** Whether a known value counts as true. */
export function truthOf(value: Value): boolean | undefined {
  if (value.kind === "constant") return value.constant === true;
  if (value.kind === "number") return Number(value.number) !== 0;
  if (value.kind === "text") return value.text !== "" ? true : undefined;
  return value.kind === "bytes" ? value.text !== "" : undefined;
}

function calculate(operator: string, one: number, other: number, isPython: boolean): Value {
  switch (operator) {
    case "-":
      return numberOf(one - other);
    case "*":
      return numberOf(one * other);
    case "/":
      return numberOf(one / other);
    case "//":
      return numberOf(Math.floor(one / other));
    case "%":
      return numberOf(isPython ? one - other * Math.floor(one / other) : one % other);
    case "**":
      return numberOf(one ** other);
    case "<<":
      return other < 0 || other > 52 ? UNKNOWN : numberOf(isPython ? one * 2 ** other : one << other);
    case ">>":
      return other < 0 || other > 1100 ? UNKNOWN : numberOf(isPython ? Math.floor(one / 2 ** other) : one >> other);
    case ">>>":
      return numberOf(one >>> other);
    case "&":
    case "|":
    case "^":
      return bitwise(operator, one, other, isPython);
    default:
      return compare(operator, one, other);
  }
}

function bitwise(operator: string, one: number, other: number, isPython: boolean): Value {
  const isNarrow = !isPython || (Math.abs(one) < 0x7fffffff && Math.abs(other) < 0x7fffffff);
  if (isNarrow) return numberOf(operator === "&" ? one & other : operator === "|" ? one | other : one ^ other);
  const left = BigInt(one);
  const right = BigInt(other);
  return numberOf(Number(operator === "&" ? left & right : operator === "|" ? left | right : left ^ right));
}

function compare(operator: string, one: number, other: number): Value {
  const results: Readonly<Record<string, boolean>> = {
    "<": one < other,
    ">": one > other,
    "<=": one <= other,
    ">=": one >= other,
    "==": one === other,
    "===": one === other,
    "!=": one !== other,
    "!==": one !== other,
  };
  const result = results[operator];
  return result === undefined ? UNKNOWN : { kind: "constant", constant: result };
}

function within(text: string): string {
  return text.length > MOST_TEXT ? "" : text;
}

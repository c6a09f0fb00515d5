import type { Argument } from "./calls.ts";
import { dangerousOf } from "./detours.ts";
import { MOST_ITEMS } from "./operators.ts";
import {
  COLON,
  COMMA,
  DOUBLE_STAR,
  EQUALS,
  isWordAt,
  nameAt,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  operatorAt,
  type Program,
  SPREAD,
  STAR,
  skipOperand,
  WORD,
  withScope,
} from "./program.ts";
import { mayUnhide } from "./rounds.ts";
import { elementsOf, listOf, mixed, NULL, type Value, wholeText } from "./value.ts";

/** A list, array or tuple from the token after its bracket to `close`; Python's comprehensions too. */
export function readItems(p: Program, open: number): Value {
  const close = p.mates[open]!;
  const loop = findFor(p, open + 1, close);
  if (loop > 0) {
    const value = readComprehension(p, open + 1, loop, close);
    p.end = close + 1;
    return value;
  }
  const items: Value[] = [];
  for (let at = open + 1; at < close; at = nextItem(p, close)) {
    const isSpread = operatorAt(p, at) === SPREAD || operatorAt(p, at) === STAR;
    const value = p.read(isSpread ? at + 1 : at);
    const spread = isSpread ? elementsOf(value) : undefined;
    if (items.length < MOST_ITEMS)
      items.push(...(spread !== undefined && spread.length < MOST_SPREAD ? spread : [value]));
    p.end = Math.max(p.end, at + 1);
  }
  p.end = close + 1;
  return listOf(items);
}

/** Elements that `...` and `*` put into a list or a call. */
export const MOST_SPREAD = 65_536;

/** The token after the next comma before `close`, or `close`. */
function nextItem(p: Program, close: number): number {
  let at = p.end;
  while (at < close) {
    if (operatorAt(p, at) === COMMA) return at + 1;
    at = skipOperand(p, at);
  }
  return close;
}

/** The `for` of a Python comprehension whose element begins at `from`; 0 when there is none before a comma. */
export function findFor(p: Program, from: number, close: number): number {
  if (!p.isPython) return 0;
  for (let at = from; at < close; at = skipOperand(p, at)) {
    if (operatorAt(p, at) === COMMA) return 0;
    if (isWordAt(p, at, WORD.for)) return at;
    if (isWordAt(p, at, WORD.lambda)) return 0;
  }
  return 0;
}

/** A comprehension with one `for`; its element is read once for what it does, and once per item for what it gives. */
function readComprehension(p: Program, element: number, loop: number, close: number): Value {
  const names: string[] = [];
  let at = loop + 1;
  for (; at < close && !isWordAt(p, at, WORD.in); at++) if (nameAt(p, at) !== "") names.push(nameAt(p, at));
  const source = p.read(at + 1);
  const rest = p.end;
  const once = withScope(
    p,
    names,
    names.map(() => mixed(source)),
    () => p.read(element),
  );
  const isKey = operatorAt(p, p.end) === COLON;
  const items = elementsOf(source);
  if (rest < close || isKey || items === undefined || items.length > MOST_SPREAD) return mixed(once, source);
  if (!mayUnhide(p, items, element, loop)) return mixed(once, source);
  return followEach(p, names, items, element) ?? mixed(once, source);
}

/** The element's value for each item; undefined when the steps run out. */
function followEach(p: Program, names: readonly string[], items: readonly Value[], element: number): Value | undefined {
  p.quiet++;
  try {
    return withScope(p, names, [], () => {
      const scope = p.scopes.at(-1)!;
      const values: Value[] = [];
      for (const item of items) {
        bindTargets(scope, names, item);
        values.push(p.read(element));
        if (p.steps < 0) return undefined;
      }
      return listOf(values);
    });
  } finally {
    p.quiet--;
  }
}

/** Gives loop or tuple targets their values. */
export function bindTargets(scope: Map<string, Value>, names: readonly string[], item: Value): void {
  if (names.length === 1) {
    scope.set(names[0]!, item);
    return;
  }
  const parts = elementsOf(item);
  names.forEach((name, at) => {
    scope.set(name, parts?.[at] ?? mixed(item));
  });
}

/** A dictionary, set or object literal. */
export function readRecord(p: Program, open: number): Value {
  const close = p.mates[open]!;
  const loop = findFor(p, open + 1, close);
  if (loop > 0) {
    const value = readComprehension(p, open + 1, loop, close);
    p.end = close + 1;
    return value;
  }
  const entries = new Map<string, Value>();
  const others: Value[] = [];
  for (let at = open + 1; at < close; at = nextItem(p, close)) {
    const key = readKey(p, at);
    if (operatorAt(p, p.end) === COLON) {
      const value = p.read(p.end + 1);
      if (entries.size < MOST_SPREAD) entries.set(key ?? `?${entries.size}`, value);
    } else if (!p.isPython && key === "get" && nameAt(p, at + 1) !== "") {
      const value = gotten(p, at);
      if (value !== undefined) entries.set(nameAt(p, at + 1), value);
    } else if (!p.isPython && key !== undefined && isShorthand(p, p.end, close)) entries.set(key, p.read(at));
    else if (p.isPython || operatorAt(p, at) === SPREAD) readOther(p, at, entries, others);
    p.end = Math.max(p.end, at + 1);
  }
  p.end = close + 1;
  const [other] = others;
  // A copy of a module is the module.
  if (!p.isPython && entries.size === 0 && others.length === 1 && other?.kind === "name" && other.call === undefined)
    return other;
  if (entries.size === 0 && others.length > 0) return listOf(others);
  return { kind: "record", entries };
}

/** What the getter whose `get` is at `at` gives, where that is one short expression that runs something: `get run() { return eval; }`. */
export function gotten(p: Program, at: number): Value | undefined {
  const open = at + 2;
  if (operatorAt(p, open) !== OPEN_PAREN || p.mates[open] !== open + 1 || operatorAt(p, open + 2) !== OPEN_BRACE)
    return;
  if (!isWordAt(p, open + 3, WORD.return) || p.mates[open + 2]! - open > MOST_GETTER) return;
  const { end } = p;
  const value = p.read(open + 4);
  p.end = end;
  return dangerousOf([value]);
}

/** Tokens of a getter that is read. */
const MOST_GETTER = 16;

function readKey(p: Program, at: number): string | undefined {
  p.end = at + 1;
  const kind = p.tokens.kind(at);
  if (!p.isPython && (kind === "name" || kind === "string" || kind === "number")) return p.tokens.value(at);
  if (!p.isPython && operatorAt(p, at) !== OPEN_BRACKET) return undefined;
  const value = p.read(p.isPython ? at : at + 1);
  if (!p.isPython) p.end = skipOperand(p, at);
  return value.kind === "number" ? String(value.number) : wholeText(value);
}

function isShorthand(p: Program, after: number, close: number): boolean {
  return after === close || operatorAt(p, after) === COMMA;
}

function readOther(p: Program, at: number, entries: Map<string, Value>, others: Value[]): void {
  const code = operatorAt(p, at);
  const value = p.read(code === SPREAD || code === DOUBLE_STAR || code === STAR ? at + 1 : at);
  if (value.kind !== "record") others.push(value);
  else for (const [key, entry] of value.entries) entries.set(key, entry);
}

/** The arguments between the parentheses at `open`. */
export function readArguments(p: Program, open: number): Argument[] {
  const close = p.mates[open]!;
  const found: Argument[] = [];
  const loop = findFor(p, open + 1, close);
  if (loop > 0) {
    found.push({ name: undefined, value: readComprehension(p, open + 1, loop, close), token: open + 1 });
  } else {
    for (let at = open + 1; at < close; at = nextItem(p, close)) {
      readArgument(p, at, found);
      p.end = Math.max(p.end, at + 1);
    }
  }
  p.end = Math.min(close + 1, p.length);
  return found;
}

/** Arguments kept of one call. */
const MOST_ARGUMENTS = 65_536;

function readArgument(p: Program, at: number, found: Argument[]): void {
  const code = operatorAt(p, at);
  const isNamed = p.isPython && operatorAt(p, at + 1) === EQUALS;
  const isSpread = code === SPREAD || code === STAR || code === DOUBLE_STAR;
  const token = isNamed ? at + 2 : isSpread ? at + 1 : at;
  const value = p.read(token);
  if (found.length >= MOST_ARGUMENTS) return;
  if (code === DOUBLE_STAR && value.kind === "record") {
    for (const [name, entry] of value.entries) found.push({ name, value: entry, token });
    return;
  }
  const items = isSpread ? elementsOf(value) : undefined;
  if (items !== undefined && items.length < MOST_SPREAD)
    for (const item of items) found.push({ name: undefined, value: item, token });
  else found.push({ name: isNamed ? nameAt(p, at) : undefined, value, token });
}

/** A parenthesis: the value inside, a Python tuple, or the last of JavaScript's comma operators. */
export function readParenthesis(p: Program, open: number): Value {
  const close = p.mates[open]!;
  if (close === open + 1) {
    p.end = close + 1;
    return p.isPython ? listOf([]) : NULL;
  }
  const loop = findFor(p, open + 1, close);
  if (loop > 0) return readItems(p, open);
  let value = p.read(open + 1);
  if (operatorAt(p, p.end) === COMMA) {
    const items: Value[] = [value];
    for (let at = nextItem(p, close); at < close; at = nextItem(p, close)) {
      value = p.read(at);
      if (items.length < MOST_ITEMS) items.push(value);
      p.end = Math.max(p.end, at + 1);
    }
    if (p.isPython) value = listOf(items);
  }
  p.end = Math.min(close + 1, p.length);
  return value;
}

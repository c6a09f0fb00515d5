import type { Argument, Call } from "./calls.ts";
import { MOST_ITEMS } from "./operators.ts";
import {
  ARROW,
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
import { elementsOf, type FunctionValue, listOf, mixed, NULL, UNKNOWN, type Value, wholeText } from "./value.ts";

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

/** A lambda, arrow function or function expression at `at`; undefined when there is none. */
export function readFunction(p: Program, at: number): FunctionValue | undefined {
  if (p.isPython) return isWordAt(p, at, WORD.lambda) ? readLambda(p, at) : undefined;
  const start = isWordAt(p, at, WORD.async) && operatorAt(p, at + 1) !== ARROW ? at + 1 : at;
  if (isWordAt(p, start, WORD.function)) return readFunctionWord(p, start);
  if (operatorAt(p, start) === OPEN_PAREN) {
    const close = p.mates[start]!;
    return operatorAt(p, close + 1) === ARROW ? readBody(p, parametersIn(p, start), close + 2, "") : undefined;
  }
  if (nameAt(p, start) !== "" && operatorAt(p, start + 1) === ARROW)
    return readBody(p, [nameAt(p, start)], start + 2, "");
  return undefined;
}

function readLambda(p: Program, at: number): FunctionValue {
  const parameters: string[] = [];
  let colon = at + 1;
  for (; colon < p.length && operatorAt(p, colon) !== COLON; colon = skipOperand(p, colon)) {
    const before = operatorAt(p, colon - 1);
    const isFirst = colon === at + 1 || before === COMMA || before === STAR || before === DOUBLE_STAR;
    if (isFirst && nameAt(p, colon) !== "") parameters.push(nameAt(p, colon));
    if (p.tokens.kind(colon) === "newline") break;
  }
  return readBody(p, parameters, colon + 1, "");
}

function readFunctionWord(p: Program, at: number): FunctionValue | undefined {
  let open = at + 1;
  if (operatorAt(p, open) === STAR) open++;
  const name = nameAt(p, open);
  if (name !== "") open++;
  if (operatorAt(p, open) !== OPEN_PAREN) return undefined;
  return readBody(p, parametersIn(p, open), p.mates[open]! + 1, name);
}

/** The names of the parameters between the parentheses at `open`; patterns are empty names. */
export function parametersIn(p: Program, open: number): string[] {
  const close = p.mates[open]!;
  const names: string[] = [];
  let isFirst = true;
  for (let at = open + 1; at < close; at = skipOperand(p, at)) {
    const code = operatorAt(p, at);
    if (code === COMMA) isFirst = true;
    else if (code !== SPREAD && code !== STAR && code !== DOUBLE_STAR && isFirst) {
      if (names.length < MOST_PARAMETERS) names.push(nameAt(p, at));
      isFirst = false;
    }
  }
  return names;
}

const MOST_PARAMETERS = 255;

function readBody(p: Program, parameters: readonly string[], body: number, name: string): FunctionValue {
  const isBlock = !p.isPython && operatorAt(p, body) === OPEN_BRACE;
  if (isBlock) {
    if (p.quiet === 0 && p.callee !== undefined) p.callbacks.set(body, p.callee);
    p.end = Math.min(p.mates[body]! + 1, p.length);
  } else {
    const values = parameters.map(() => resultOf(p));
    withScope(p, parameters, values, () => p.read(body));
    p.end = Math.max(p.end, Math.min(body + 1, p.length));
  }
  return { kind: "function", name, parameters, body, bodyEnd: p.end, isBlock, ...restBefore(p, parameters, body) };
}

/** The parameter behind `*` or `...` in the head of a function whose body begins at `body`: the last name before it, as a rule. */
export function restBefore(p: Program, parameters: readonly string[], body: number): { readonly rest?: number } {
  const first = Math.max(0, body - MOST_HEAD);
  for (let at = body - 1; parameters.length > 0 && at > first; at--) {
    const name = nameAt(p, at);
    if (name === "" || !parameters.includes(name)) continue;
    const code = operatorAt(p, at - 1);
    if (code === STAR || code === SPREAD) return { rest: parameters.indexOf(name) };
    if (code !== DOUBLE_STAR || name === parameters[0]) return NO_REST;
  }
  return NO_REST;
}

const NO_REST = {};
/** Tokens before a body that are looked through for its parameters. */
const MOST_HEAD = 24;

/** What a parameter of a function handed to a call gets: something that comes from that call. */
function resultOf(p: Program): Value {
  return p.callee === undefined ? UNKNOWN : givenBy(p.callee);
}

/** What a call gives a function that it is handed; `import("child_process").then` gives the module. */
export function givenBy(call: Call): Value {
  const module = IMPORTED.exec(call.name)?.[1];
  return module === undefined ? { kind: "name", name: `${call.name}()`, call } : { kind: "name", name: module };
}

const IMPORTED = /^(child_process|fs|fs\/promises|https?|http2|net|dns|os|vm|module|tls|dgram|worker_threads)\.then$/;

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

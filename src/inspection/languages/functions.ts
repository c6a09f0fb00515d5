import type { Call } from "./calls.ts";
import { dangerousOf } from "./detours.ts";
import {
  ARROW,
  CLOSE_PAREN,
  COLON,
  COMMA,
  DOUBLE_STAR,
  isWordAt,
  nameAt,
  OPEN_BRACE,
  OPEN_PAREN,
  operatorAt,
  type Program,
  SPREAD,
  STAR,
  skipOperand,
  WORD,
  withScope,
} from "./program.ts";
import { type FunctionValue, mixed, UNKNOWN, type Value } from "./value.ts";

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
    withScope(p, parameters, values, () => {
      bindPattern(p, body, values[0]);
      return p.read(body);
    });
    p.end = Math.max(p.end, Math.min(body + 1, p.length));
  }
  return { kind: "function", name, parameters, body, bodyEnd: p.end, isBlock, ...restBefore(p, parameters, body) };
}

/** `({ exec }) => …`, the body of which begins at `body`: members of the module that it is given, in the innermost scope. */
export function bindPattern(p: Program, body: number, value: Value | undefined): void {
  if (value?.kind !== "name" || value.call !== undefined || p.isPython || operatorAt(p, body - 1) !== ARROW) return;
  const open = operatorAt(p, body - 2) === CLOSE_PAREN ? p.mates[body - 2]! + 1 : 0;
  if (operatorAt(p, open) !== OPEN_BRACE) return;
  const scope = p.scopes.at(-1)!;
  for (let at = open + 1; at < p.mates[open]!; at = skipOperand(p, at)) {
    const key = nameAt(p, at);
    const before = operatorAt(p, at - 1);
    if (key === "" || (before !== OPEN_BRACE && before !== COMMA)) continue;
    const name = operatorAt(p, at + 1) === COLON ? nameAt(p, at + 2) : key;
    scope.set(name, { kind: "name", name: `${value.name}.${key}` });
  }
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
  const { receiver } = call;
  if ((receiver.kind === "list" || receiver.kind === "record") && dangerousOf([receiver]) !== undefined)
    return mixed(receiver);
  const module = IMPORTED.exec(call.name)?.[1];
  return module === undefined ? { kind: "name", name: `${call.name}()`, call } : { kind: "name", name: module };
}

const IMPORTED = /^(child_process|fs|fs\/promises|https?|http2|net|dns|os|vm|module|tls|dgram|worker_threads)\.then$/;

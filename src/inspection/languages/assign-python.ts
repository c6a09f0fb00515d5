import { assignItem, assignKey, targetAt } from "./assign.ts";
import { readExpression, updated } from "./expression.ts";
import { bindTargets } from "./literals.ts";
import {
  COLON,
  COMMA,
  EQUALS,
  lookUp,
  nameAt,
  operatorAt,
  operatorCode,
  type Program,
  SEMICOLON,
  skipOperand,
} from "./program.ts";
import { listOf, type Value } from "./value.ts";

const AUGMENTED: ReadonlySet<number> = new Set(
  "+= -= *= /= //= %= **= <<= >>= &= |= ^= @=".split(" ").map(operatorCode),
);

/** Carries out the assignment that begins at `at`, if one does; `end` is then behind its value. */
export function assignPython(p: Program, at: number): boolean {
  const equals: number[] = [];
  let annotation = 0;
  let next = at;
  for (; next < p.length && p.tokens.kind(next) !== "newline"; next = skipOperand(p, next)) {
    const code = operatorAt(p, next);
    if (code === SEMICOLON) break;
    if (code === COLON && annotation === 0 && equals.length === 0) annotation = next;
    else if (code === EQUALS) equals.push(next);
    else if (AUGMENTED.has(code)) return assignUpdated(p, at, next);
  }
  const last = equals.at(-1);
  if (last === undefined || (p.quiet === 0 && p.assigned.has(last))) return false;
  if (p.quiet === 0) p.assigned.add(last);
  const value = readTuple(p, last + 1);
  const { end } = p;
  let start = at;
  for (const equal of equals) {
    assignTargets(p, start, annotation > start && annotation < equal ? annotation : equal, value);
    start = equal + 1;
  }
  p.end = end;
  return true;
}

function assignUpdated(p: Program, at: number, operator: number): boolean {
  if (p.quiet === 0 && p.assigned.has(operator)) return false;
  if (p.quiet === 0) p.assigned.add(operator);
  const target = targetAt(p, at, operator);
  const right = readTuple(p, operator + 1);
  if (target === undefined) return true;
  const left = target.key.includes(".") ? p.scopes[0]!.get(target.key) : lookUp(p, target.key);
  assignKey(p, target, updated(p, operatorAt(p, operator), left ?? { kind: "name", name: target.key }, right));
  return true;
}

/** An expression, or several with commas as a tuple. */
export function readTuple(p: Program, at: number): Value {
  const first = readExpression(p, at);
  if (operatorAt(p, p.end) !== COMMA) return first;
  const items = [first];
  while (operatorAt(p, p.end) === COMMA && items.length < MOST_TUPLE) items.push(readExpression(p, p.end + 1));
  return listOf(items);
}

const MOST_TUPLE = 4_096;

function assignTargets(p: Program, start: number, end: number, value: Value) {
  const single = targetAt(p, start, end);
  if (single !== undefined) return assignKey(p, single, value);
  if (assignItem(p, start, end, value)) return;
  const names: string[] = [];
  for (let at = start; at < end; at++) {
    const code = operatorAt(p, at);
    if (code !== 0 && !PATTERN.has(code)) return;
    if (code === 0) names.push(nameAt(p, at));
  }
  if (names.length > 1) bindTargets(p.scopes.at(-1)!, names, value);
}

/** What patterns of several targets have beside names. */
const PATTERN: ReadonlySet<number> = new Set([",", "(", ")", "[", "]", "*"].map(operatorCode));

import { isWordAt, nameAt, operatorAt, operatorCode, type Program, WORD } from "./program.ts";
import type { Value } from "./value.ts";

/** The left side of an assignment that can be followed: `name`, `self.name`, `a.b`. */
export interface Target {
  readonly key: string;
  /** The name begins to exist here: `const`, `let`, `var`, or any first assignment in a Python function. */
  readonly declares: boolean;
}

const DOT = operatorCode(".");

/** The target that the tokens from `start` up to `end` spell; undefined for subscripts, calls and patterns. */
export function targetAt(p: Program, start: number, end: number): Target | undefined {
  let key = nameAt(p, start);
  if (key === "" || end - start > 7) return undefined;
  for (let at = start + 1; at < end; at += 2) {
    if (operatorAt(p, at) !== DOT || nameAt(p, at + 1) === "") return undefined;
    key += `.${nameAt(p, at + 1)}`;
  }
  return { key, declares: p.isPython || isDeclared(p, start - 1) };
}

function isDeclared(p: Program, at: number): boolean {
  return isWordAt(p, at, WORD.const) || isWordAt(p, at, WORD.let) || isWordAt(p, at, WORD.var);
}

/** Lets the target stand for `value` from here on. */
export function assignKey(p: Program, target: Target, value: Value): void {
  const { key, declares } = target;
  if (key.includes(".")) {
    const dot = key.lastIndexOf(".");
    if (key.indexOf(".") < SHORTEST_OWNER) return;
    p.scopes[0]!.set(key, value);
    p.owners.add(key.slice(0, dot));
    return;
  }
  if (declares) {
    const scope = p.scopes.at(-1)!;
    const isGlobal = p.globals.has(key) && scope.has(globalKey(key));
    (isGlobal ? p.scopes[0]! : scope).set(key, value);
    return;
  }
  for (let at = p.scopes.length - 1; at > 0; at--) {
    if (p.scopes[at]!.has(key)) {
      p.scopes[at]!.set(key, value);
      return;
    }
  }
  p.scopes[0]!.set(key, value);
}

/** The entry of a scope that says: assignments to this name go to the module (Python's `global`). */
export function globalKey(name: string): string {
  return `global ${name}`;
}

/** Members of shorter names are not followed: in minified code one letter stands for a hundred objects. */
const SHORTEST_OWNER = 3;

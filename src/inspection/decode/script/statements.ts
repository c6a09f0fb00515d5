import { assignTo } from "./assign.ts";
import { evaluate } from "./expressions.ts";
import { closure, type Machine, step, Thrown } from "./machine.ts";
import type { FunctionNode, LoopStatement, Statement, SwitchStatement } from "./nodes.ts";
import { noteNames } from "./parse-statements.ts";
import { listOf, type Scope, Thing, truth, UNKNOWN, Unknown, type Val } from "./values.ts";

/** How a statement ended. */
export const NORMAL = 0;
const BREAK = 1;
const CONTINUE = 2;
export const RETURN = 3;

/** Declares what is hoisted: names of `var` and functions. */
export function hoist(m: Machine, names: FunctionNode["names"], scope: Scope): void {
  for (const name of names.vars) if (!scope.names.has(name)) scope.names.set(name, undefined);
  for (const code of names.functions) scope.names.set(code.name, closure(m, code, scope, undefined));
}

/** Runs statements one after the other until one leaves them. */
export function runStatements(m: Machine, body: readonly Statement[], scope: Scope): number {
  for (const statement of body) {
    const end = m.handlers > 0 ? run(m, statement, scope) : runAnyhow(m, statement, scope);
    if (end !== NORMAL) return end;
  }
  return NORMAL;
}

/** Nothing around would catch what the statement throws, so it is we who misunderstand something: goes on with the next one. */
function runAnyhow(m: Machine, statement: Statement, scope: Scope): number {
  const { depth, calls, nested } = m;
  try {
    return run(m, statement, scope);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    Object.assign(m, { depth, calls, nested });
    m.doubts++;
    return NORMAL;
  }
}

function run(m: Machine, one: Statement, scope: Scope): number {
  step(m);
  switch (one.type) {
    case "expression":
      m.result = evaluate(m, one.of, scope);
      return NORMAL;
    case "declare":
      return declare(m, one, scope);
    case "block":
      return runStatements(m, one.body, one.isScope ? inner(scope) : scope);
    case "if":
      return runIf(m, one, scope);
    case "loop":
      return runLoop(m, one, scope);
    case "each":
      return runEach(m, one, scope);
    case "return":
      m.result = one.of === undefined ? undefined : evaluate(m, one.of, scope);
      return RETURN;
    case "throw":
      throw new Thrown(evaluate(m, one.of, scope));
    case "jump":
      m.label = one.label;
      return one.isBreak ? BREAK : CONTINUE;
    case "switch":
      return runSwitch(m, one, scope);
    case "try":
      return runTry(m, one, scope);
    case "label":
      return runLabel(m, one, scope);
    case "import":
      return runImport(one, scope);
    default:
      return NORMAL;
  }
}

function inner(scope: Scope): Scope {
  return { names: new Map(), outer: scope, isOwn: false };
}

function declare(m: Machine, one: Statement & { readonly type: "declare" }, scope: Scope): number {
  for (const { target, value } of one.items) {
    if (value === undefined && one.isVar) continue;
    assignTo(
      m,
      target,
      value === undefined ? undefined : evaluate(m, value, scope),
      scope,
      one.isVar ? "set" : "declare",
    );
  }
  return NORMAL;
}

/** Where the test cannot be told both ways are gone, and neither ends what is around. */
function runIf(m: Machine, one: Statement & { readonly type: "if" }, scope: Scope): number {
  const is = truth(evaluate(m, one.test, scope));
  if (is !== undefined)
    return is ? run(m, one.then, scope) : one.otherwise === undefined ? NORMAL : run(m, one.otherwise, scope);
  tryOut(m, one.then, scope);
  if (one.otherwise !== undefined) tryOut(m, one.otherwise, scope);
  return NORMAL;
}

function tryOut(m: Machine, one: Statement, scope: Scope): void {
  m.doubts++;
  try {
    run(m, one, scope);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
  }
}

function runLoop(m: Machine, one: LoopStatement, scope: Scope, label = ""): number {
  const own = inner(scope);
  if (one.first !== undefined) run(m, one.first, own);
  for (let isFirst = true; ; isFirst = false) {
    const is = one.test === undefined || (isFirst && one.testsLast) ? true : truth(evaluate(m, one.test, own));
    if (is === false) return NORMAL;
    if (is === undefined) m.doubts++;
    const end = run(m, one.body, own);
    if (end === RETURN) return is === undefined ? NORMAL : RETURN;
    if (end !== NORMAL && m.label !== "" && m.label !== label) return end;
    if (end === BREAK || is === undefined) return NORMAL;
    if (one.step !== undefined) evaluate(m, one.step, own);
  }
}

function runEach(m: Machine, one: Statement & { readonly type: "each" }, scope: Scope, label = ""): number {
  const own = inner(scope);
  const over = evaluate(m, one.over, scope);
  for (const item of membersOf(over, one.isOf)) {
    assignTo(m, one.target, item, own, one.declares ? "declare" : "set");
    const end = run(m, one.body, own);
    if (end === RETURN) return over instanceof Unknown ? NORMAL : RETURN;
    if (end !== NORMAL && m.label !== "" && m.label !== label) return end;
    if (end === BREAK) break;
  }
  return NORMAL;
}

/** What going through a value gives: once something unknown where nothing is known. */
function membersOf(over: Val, isOf: boolean): readonly Val[] {
  if (over instanceof Unknown) return [UNKNOWN];
  if (typeof over === "string") return isOf ? [...over] : [...over].map((_, at) => String(at));
  if (!(over instanceof Thing)) return [];
  if (over.items !== undefined) return isOf ? [...over.items] : over.items.map((_, at) => String(at));
  return isOf ? [...over.members.values()] : [...over.members.keys()];
}

function runSwitch(m: Machine, one: SwitchStatement, scope: Scope): number {
  const value = evaluate(m, one.of, scope);
  const own = inner(scope);
  if (value instanceof Unknown) {
    m.doubts++;
    for (const { body } of one.cases) {
      const end = runStatements(m, body, own);
      if (end === CONTINUE && m.label !== "") return end;
    }
    return NORMAL;
  }
  let at = one.cases.findIndex(({ test }) => test !== undefined && evaluate(m, test, own) === value);
  if (at < 0) at = one.cases.findIndex(({ test }) => test === undefined);
  if (at < 0) return NORMAL;
  noteRoute(m, one, at);
  for (; at < one.cases.length; at++) {
    const end = runStatements(m, one.cases[at]!.body, own);
    if (end === BREAK && m.label === "") return NORMAL;
    if (end !== NORMAL) return end;
  }
  return NORMAL;
}

function noteRoute(m: Machine, one: SwitchStatement, at: number): void {
  const route = m.routes.get(one);
  if (route === undefined) m.routes.set(one, [at]);
  else if (!route.includes(at)) route.push(at);
}

function runTry(m: Machine, one: Statement & { readonly type: "try" }, scope: Scope): number {
  let end = NORMAL;
  const { depth, nested, calls, handlers } = m;
  try {
    if (one.handler !== undefined) m.handlers++;
    end = run(m, one.block, scope);
    m.handlers = handlers;
  } catch (error) {
    m.handlers = handlers;
    if (!(error instanceof Thrown)) throw error;
    Object.assign(m, { depth, nested, calls });
    const own = inner(scope);
    if (one.parameter !== undefined) assignTo(m, one.parameter, error.value, own, "declare");
    if (one.handler !== undefined) end = run(m, one.handler, own);
  }
  if (one.last !== undefined) {
    const { result } = m;
    const last = run(m, one.last, scope);
    if (last !== NORMAL) return last;
    m.result = result;
  }
  return end;
}

function runLabel(m: Machine, one: Statement & { readonly type: "label" }, scope: Scope): number {
  const { body, label } = one;
  const end =
    body.type === "loop"
      ? runLoop(m, body, scope, label)
      : body.type === "each"
        ? runEach(m, body, scope, label)
        : run(m, body, scope);
  return end === BREAK && m.label === label ? NORMAL : end;
}

function runImport(one: Statement & { readonly type: "import" }, scope: Scope): number {
  const module = new Unknown(one.module.replace(/^node:/, ""));
  for (const { name, member } of one.names)
    scope.names.set(name, member === "*" || member === "default" ? module : new Unknown());
  return NORMAL;
}

/** Gives parameters their values. */
export function bindParameters(m: Machine, code: FunctionNode, args: readonly Val[], scope: Scope): void {
  for (const [at, parameter] of code.parameters.entries()) {
    if (parameter.type === "spread") assignTo(m, parameter.of, listOf(args.slice(at)), scope, "declare");
    else if (parameter.type === "name") scope.names.set(parameter.name, args[at]);
    else assignTo(m, parameter, at < args.length ? args[at] : undefined, scope, "declare");
  }
  const names: string[] = [];
  for (const parameter of code.parameters) if (parameter.type !== "name") noteNames(parameter, names);
  for (const name of names) if (!scope.names.has(name)) scope.names.set(name, UNKNOWN);
}

import { assignTo } from "./assign.ts";
import { callFunction } from "./functions.ts";
import { closure, lookUp, type Machine, note, spend, step, Thrown, VARIES } from "./machine.ts";
import { makeClass, makeObject } from "./make.ts";
import { getMember } from "./members.ts";
import type { CallNode, MemberNode, Node } from "./nodes.ts";
import { binary } from "./operators.ts";
import { listOf, numberOf, type Scope, Thing, textOf, truth, typeOf, UNKNOWN, Unknown, type Val } from "./values.ts";

/** Parts inside each other that are evaluated: what the stack holds. */
const MOST_DEPTH = 1_000;
const MOST_ITEMS = 200_000;

/** What an expression comes to, something unknown included. Throws what the script throws, and `Exhausted`. */
export function evaluate(m: Machine, node: Node, scope: Scope): Val {
  step(m);
  if (++m.depth > MOST_DEPTH) throw new Thrown("RangeError");
  const value = resultOf(m, node, scope);
  m.depth--;
  return value;
}

function resultOf(m: Machine, node: Node, scope: Scope): Val {
  switch (node.type) {
    case "constant":
      return node.value;
    case "name":
      return readName(node.name, scope);
    case "member":
      return readMember(m, node, scope);
    case "call":
      return call(m, node, scope);
    case "binary":
      return arithmetic(m, node, scope);
    case "sum":
      return sum(m, node, scope);
    case "assign":
      return assign(m, node, scope);
    case "logical":
      return logical(m, node, scope);
    case "choice":
      return choose(m, node, scope);
    case "function":
      return makeFunction(m, node, scope);
    case "unary":
      return unary(m, node, scope);
    case "update":
      return update(m, node, scope);
    case "this":
      return lookUp(scope, "this")?.names.get("this") ?? m.globals.names.get("globalThis");
    default:
      return resultOfRare(m, node, scope);
  }
}

function resultOfRare(m: Machine, node: Node, scope: Scope): Val {
  switch (node.type) {
    case "template":
      return template(m, node, scope);
    case "array":
      return listOf(items(m, node.items, scope));
    case "object":
      return makeObject(m, node.entries, scope);
    case "class":
      return makeClass(m, node, scope);
    case "sequence": {
      let value: Val;
      for (const item of node.items) value = evaluate(m, item, scope);
      return value;
    }
    case "regex": {
      const thing = new Thing();
      thing.regex = { source: node.source, flags: node.flags };
      return thing;
    }
    case "wait":
      return node.of === undefined ? UNKNOWN : evaluate(m, node.of, scope);
    default:
      return UNKNOWN;
  }
}

function readName(name: string, scope: Scope): Val {
  for (let one: Scope | undefined = scope; one !== undefined; one = one.outer) {
    const value = one.names.get(name);
    if (value !== undefined || one.names.has(name)) return value;
  }
  return name === "undefined" ? undefined : UNKNOWN;
}

function arithmetic(m: Machine, node: Node & { readonly type: "binary" }, scope: Scope): Val {
  const left = evaluate(m, node.left, scope);
  if (Number.isNaN(left) && NUMERIC.has(node.operator)) return Number.NaN;
  return binary(m, node.operator, left, evaluate(m, node.right, scope));
}

/**
 * With one side that is no number these give none, whatever the other side is: it is not looked at. String arrays are turned until
 * a sum of many decoded numbers is right, and nearly always the first of them is wrong.
 */
const NUMERIC: ReadonlySet<string> = new Set(["-", "*", "/", "%"]);

function readMember(m: Machine, node: MemberNode, scope: Scope): Val {
  const of = evaluate(m, node.of, scope);
  const key = node.isComputed ? evaluate(m, node.key, scope) : (node.key as { value: string }).value;
  const value = getMember(m, of, key);
  if (of instanceof Thing && (node.isComputed || typeof value === "string")) note(m, node, value);
  return value;
}

/** The function and the value whose method it is. */
function calleeOf(m: Machine, node: Node, scope: Scope): { readonly of: Val; readonly self: Val } {
  if (node.type !== "member") return { of: evaluate(m, node, scope), self: undefined };
  step(m);
  const self = evaluate(m, node.of, scope);
  const key = node.isComputed ? evaluate(m, node.key, scope) : (node.key as { value: string }).value;
  return { of: getMember(m, self, key), self };
}

function call(m: Machine, node: CallNode, scope: Scope): Val {
  const { of, self } = calleeOf(m, node.callee, scope);
  const args = items(m, node.args, scope);
  if (m.nested === 0) m.offset = node.raw.start;
  m.local = node.callee.type === "name" && node.callee.name === "eval" ? scope : undefined;
  if (of instanceof Unknown && of.member !== "") noteStart(m, node, of);
  const { doubts } = m;
  const value = callFunction(m, of, self, args, { node, isNew: node.isNew });
  if (m.doubts === doubts || !(of instanceof Thing)) note(m, node, value);
  return value;
}

function noteStart(m: Machine, node: CallNode, of: Unknown): void {
  const before = m.starts.get(node);
  if (before !== of) m.starts.set(node, before === undefined ? of : VARIES);
}

/** Values of arguments or items, spread ones in their place. */
function items(m: Machine, nodes: readonly (Node | undefined)[], scope: Scope): Val[] {
  const values: Val[] = [];
  for (const node of nodes) {
    if (node === undefined) values.push(undefined);
    else if (node.type !== "spread") values.push(evaluate(m, node, scope));
    else {
      const over = evaluate(m, node.of, scope);
      if (typeof over === "string") values.push(...over.slice(0, MOST_ITEMS));
      else if (over instanceof Thing && over.items !== undefined) for (const item of over.items) values.push(item);
      else values.push(UNKNOWN);
    }
  }
  spend(m, values.length);
  return values;
}

function sum(m: Machine, node: Node & { readonly type: "sum" }, scope: Scope): Val {
  let value = evaluate(m, node.parts[0]!, scope);
  for (let at = 1; at < node.parts.length; at++) {
    if (Number.isNaN(value) && node.parts.every(isNumeric)) return value;
    value = binary(m, "+", value, evaluate(m, node.parts[at]!, scope));
  }
  note(m, node, value);
  return value;
}

function isNumeric(part: Node): boolean {
  return (part.type === "unary" && part.operator === "-") || (part.type === "binary" && NUMERIC.has(part.operator));
}

function template(m: Machine, node: Node & { readonly type: "template" }, scope: Scope): Val {
  let text: string | undefined = node.texts[0] ?? "";
  for (const [at, part] of node.parts.entries()) {
    const piece = textOf(evaluate(m, part, scope));
    text = text === undefined || piece === undefined ? undefined : text + piece + (node.texts[at + 1] ?? "");
  }
  if (text === undefined) return UNKNOWN;
  spend(m, text.length);
  note(m, node, text);
  return text;
}

function logical(m: Machine, node: Node & { readonly type: "logical" }, scope: Scope): Val {
  const left = evaluate(m, node.left, scope);
  const is =
    node.operator === "??" ? (left instanceof Unknown ? undefined : left !== null && left !== undefined) : truth(left);
  if (is === undefined) {
    m.doubts++;
    evaluateQuietly(m, node.right, scope);
    return UNKNOWN;
  }
  return is === (node.operator === "&&") ? evaluate(m, node.right, scope) : left;
}

function choose(m: Machine, node: Node & { readonly type: "choice" }, scope: Scope): Val {
  const is = truth(evaluate(m, node.test, scope));
  if (is !== undefined) return evaluate(m, is ? node.then : node.otherwise, scope);
  m.doubts++;
  evaluateQuietly(m, node.then, scope);
  evaluateQuietly(m, node.otherwise, scope);
  return UNKNOWN;
}

/** What may or may not be evaluated: what it throws does not count. */
function evaluateQuietly(m: Machine, node: Node, scope: Scope): void {
  const { depth } = m;
  try {
    evaluate(m, node, scope);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    m.depth = depth;
  }
}

function unary(m: Machine, node: Node & { readonly type: "unary" }, scope: Scope): Val {
  const value = evaluate(m, node.of, scope);
  switch (node.operator) {
    case "!": {
      const is = truth(value);
      return is === undefined ? UNKNOWN : !is;
    }
    case "typeof":
      return typeOf(value) ?? UNKNOWN;
    case "void":
      return undefined;
    case "delete":
      return true;
    default: {
      const number = numberOf(value);
      if (number === undefined) return UNKNOWN;
      return node.operator === "-" ? -number : node.operator === "~" ? ~number : number;
    }
  }
}

function update(m: Machine, node: Node & { readonly type: "update" }, scope: Scope): Val {
  const before = numberOf(evaluate(m, node.of, scope));
  const after = before === undefined ? UNKNOWN : before + node.by;
  assignTo(m, node.of, after, scope, "set");
  return node.isPrefix ? after : (before ?? UNKNOWN);
}

function assign(m: Machine, node: Node & { readonly type: "assign" }, scope: Scope): Val {
  const { operator, target } = node;
  if (operator === "=") {
    const value = evaluate(m, node.value, scope);
    assignTo(m, target, value, scope, "set");
    return value;
  }
  const before = evaluate(m, target, scope);
  if (operator === "||=" || operator === "&&=" || operator === "??=") {
    const is = operator === "??=" ? before !== null && before !== undefined : truth(before);
    if (is === (operator !== "&&=")) return before;
  }
  const right = evaluate(m, node.value, scope);
  const value =
    operator.length === 3 && /^(?:\|\||&&|\?\?)=$/.test(operator)
      ? right
      : binary(m, operator.slice(0, -1), before, right);
  assignTo(m, target, value, scope, "set");
  return value;
}

function makeFunction(m: Machine, node: Node & { readonly type: "function" }, scope: Scope): Thing {
  const self = node.isArrow ? lookUp(scope, "this")?.names.get("this") : undefined;
  if (node.isArrow || node.name === "") return closure(m, node, scope, self);
  const own: Scope = { names: new Map(), outer: scope, isOwn: false };
  const thing = closure(m, node, own, self);
  own.names.set(node.name, thing);
  return thing;
}

import { isDangerous, isDangerousScript } from "./detours.ts";
import { NAMESPACES } from "./namespaces.ts";
import { isWordAt, lookUp, nameAt, operatorAt, operatorCode, type Program, WORD } from "./program.ts";
import { type NameValue, NULL, type Value, wholeText } from "./value.ts";

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
    assignMember(p, key, value);
    return;
  }
  if (declares) {
    const scope = p.scopes.at(-1)!;
    const isGlobal = p.globals.has(key) && scope.has(globalKey(key));
    const taken = isGlobal ? p.scopes[0]! : scope;
    // Nothing can be called: `except: run = None` leaves the function that ran before.
    if (value === NULL && isDangerous(taken.get(key))) return;
    taken.set(key, value);
    if (isDangerous(value)) assignOfClass(p, scope, key, value);
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

function assignMember(p: Program, key: string, value: Value): void {
  const dot = key.lastIndexOf(".");
  if (key.indexOf(".") >= SHORTEST_OWNER) {
    p.scopes[0]!.set(key, value);
    p.owners.add(key.slice(0, dot));
  }
  if (p.isPython ? !isDangerous(value) : !isDangerousScript(value)) return;
  const owner = key.slice(0, dot);
  const held = lookUp(p, owner);
  // What every name is a member of: `builtins.print = exec`, `globalThis.run = eval`.
  if (held.kind === "name" && NAMESPACES.has(held.name)) p.scopes[0]!.set(key.slice(dot + 1), value);
  if (held.kind !== "record") holdMember(p, held, key.slice(dot + 1), value);
  else if (!owner.includes(".")) holdEntry(p, owner, key.slice(dot + 1), value);
}

/**
 * `table["name"] = os.system`, `globals()["name"] = os.system` and `names["run"] = eval`, from `start` up to `end`; whether it was one. Other
 * values are not followed into tables.
 */
export function assignItem(p: Program, start: number, end: number, value: Value): boolean {
  if ((p.isPython ? !isDangerous(value) : !isDangerousScript(value)) || operatorAt(p, end - 1) !== CLOSE_BRACKET)
    return false;
  const open = p.mates[end - 1]!;
  const { end: after } = p;
  const key = p.read(open + 1);
  const name = key.kind === "number" ? String(key.number) : (wholeText(key) ?? "?");
  const base = open === start + 1 ? lookUp(p, nameAt(p, start)) : undefined;
  const isNames = p.isPython && /^(?:globals|locals|vars)$/.test(nameAt(p, start)) && open === start + 3;
  p.end = after;
  if (isNames || (base?.kind === "name" && NAMESPACES.has(base.name))) p.scopes[0]!.set(name, value);
  else if (base !== undefined) holdEntry(p, nameAt(p, start), name, value);
  return true;
}

const CLOSE_BRACKET = operatorCode("]");

/** Lets the table or list under a name have one entry more. */
export function holdEntry(p: Program, name: string, key: string, value: Value): void {
  assignKey(p, { key: name, declares: p.isPython }, withEntry(lookUp(p, name), key, value));
}

function withEntry(table: Value, key: string, value: Value): Value {
  const known = table.kind === "record" ? table.entries : table.kind === "list" ? numbered(table.items) : [];
  return { kind: "record", entries: new Map(known).set(key, value) };
}

/** The first items of a list by their indexes. */
function numbered(items: readonly Value[]): readonly (readonly [string, Value])[] {
  return items.slice(0, 64).map((item, at) => [String(at), item]);
}

/** Lets the member of what has a name, or of an object of a class that has one, stand for a function that runs something. */
export function holdMember(p: Program, owner: Value, name: string, value: Value): void {
  if (owner.kind !== "name") return;
  const known = owner.name.endsWith("()") ? owner.name.slice(0, -2) : owner.name;
  p.scopes[0]!.set(`${known}.${name}`, value);
  p.owners.add(known);
}

/** What a class's body gives a name is a member of the class and of its objects. */
function assignOfClass(p: Program, scope: ReadonlyMap<string, Value>, name: string, value: NameValue): void {
  const owner = scope.get(CLASS_KEY);
  if (owner === undefined) return;
  holdMember(p, owner, name, value);
  holdMember(p, { kind: "name", name: "self" }, name, value);
}

/** The entry of a scope that says which class's body it is. */
export const CLASS_KEY = "class ";

/** The entry of a scope that says: assignments to this name go to the module (Python's `global`). */
export function globalKey(name: string): string {
  return `global ${name}`;
}

/** Members of shorter names are not followed: in minified code one letter stands for a hundred objects. */
const SHORTEST_OWNER = 3;

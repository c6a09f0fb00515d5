import { type Machine, runText, Thrown, VARIES } from "./machine.ts";
import type { CallNode, FunctionNode, Node } from "./nodes.ts";
import { bindParameters, hoist, RETURN, runStatements } from "./statements.ts";
import { type Scope, Thing, textOf, UNKNOWN, Unknown, type Val } from "./values.ts";

/** Calls of functions of the script inside each other. */
const MOST_CALLS = 120;

interface Place {
  readonly node: CallNode;
  readonly isNew: boolean;
}

/** What calling a value gives. Functions handed to something unknown are run later, by themselves. */
export function callFunction(m: Machine, of: Val, self: Val, args: readonly Val[], place?: Place): Val {
  if (of instanceof Unknown) return callUnknown(m, of, args);
  if (!(of instanceof Thing)) throw new Thrown("TypeError");
  if (of.native !== undefined) return of.native(self, args);
  if (of.code === undefined) throw new Thrown("TypeError");
  if (place !== undefined) noteRelay(m, place.node, of.code);
  return callCode(m, of, self, args, place?.isNew === true);
}

function callCode(m: Machine, of: Thing, self: Val, args: readonly Val[], isNew: boolean): Val {
  const code = of.code!;
  if (m.calls >= MOST_CALLS) throw new Thrown("RangeError");
  const scope: Scope = { names: new Map(), outer: of.scope, isOwn: true };
  const made = isNew ? new Thing() : undefined;
  if (made !== undefined) {
    const prototype = of.members.get("prototype");
    made.prototype = prototype instanceof Thing ? prototype : undefined;
  }
  if (!code.isArrow) scope.names.set("this", made ?? self ?? m.globals.names.get("globalThis"));
  if (code.names.usesArguments && !code.isArrow) {
    const list = new Thing();
    list.items = [...args];
    list.members.set("callee", of);
    scope.names.set("arguments", list);
  }
  m.run.add(code);
  m.calls++;
  try {
    bindParameters(m, code, args, scope);
    hoist(m, code.names, scope);
    const result = runStatements(m, code.body, scope) === RETURN ? m.result : undefined;
    return made === undefined || result instanceof Thing ? result : made;
  } finally {
    m.calls--;
  }
}

/** A module's `require` of a name is that module; of everything else nothing is known. */
function callUnknown(m: Machine, of: Unknown, args: readonly Val[]): Val {
  if (of.module !== "require" || of.member !== "") return UNKNOWN;
  const name = textOf(args[0]);
  return name === undefined || typeof args[0] !== "string" ? UNKNOWN : moduleNamed(m, name);
}

/** The one value that stands for a module. */
export function moduleNamed(m: Machine, name: string): Unknown {
  const plain = name.replace(/^node:/, "").slice(0, 200);
  let known = m.modules.get(plain);
  if (known === undefined) {
    known = new Unknown(plain);
    m.modules.set(plain, known);
  }
  return known;
}

/** Remembers a call of a function that does nothing but hand its arguments to one of them, or to one operator. */
function noteRelay(m: Machine, node: CallNode, code: FunctionNode): void {
  const before = m.relays.get(node);
  if (before === code || before === VARIES) return;
  m.relays.set(node, before === undefined && relayed(code) !== undefined ? code : VARIES);
}

/** The one expression of a function that is made of its parameters alone: `a(b, c)`, `a + b`. */
export function relayed(code: FunctionNode): Node | undefined {
  const only = code.body.length === 1 ? code.body[0]! : undefined;
  if (only?.type !== "return" || only.of === undefined || code.parameters.length === 0) return undefined;
  const of = only.of;
  const parts =
    of.type === "call" && !of.isNew
      ? [of.callee, ...of.args]
      : of.type === "binary" || of.type === "logical"
        ? [of.left, of.right]
        : of.type === "sum"
          ? of.parts
          : [];
  const names = new Set(code.parameters.map((parameter) => (parameter.type === "name" ? parameter.name : "")));
  return parts.length > 0 && parts.every((part) => part.type === "name" && names.has(part.name)) ? of : undefined;
}

/** A function made of text, as `Function` makes one. */
export function functionOf(m: Machine, args: readonly Val[]): Val {
  const texts = args.map((argument) => textOf(argument));
  const body = texts.pop();
  if (body === undefined) return UNKNOWN;
  const parameters = texts.map((text) => text ?? "a");
  return runText(m, body, "Function", parameters);
}

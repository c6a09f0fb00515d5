import { Unreadable } from "./cursor.ts";
import type { CallNode, FunctionNode, Names, Node, Script, Statement, SwitchStatement } from "./nodes.ts";
import { parseScript } from "./parse-statements.ts";
import { type Scope, Thing, UNKNOWN, type Unknown, type Val } from "./values.ts";

/** Steps, or characters, or calls inside each other are used up; nothing in the script can catch this. */
export class Exhausted extends Error {}

/** What the script throws; no `Error`, as scripts throw thousands and each would note where it stands. */
export class Thrown {
  readonly value: Val;

  constructor(value: Val) {
    this.value = value;
  }
}

/** A text that the script runs, what it gives that to, and where in the outermost text. */
export interface Ran {
  readonly text: string;
  readonly how: string;
  readonly offset: number;
  /** Undefined when it cannot be parsed. */
  readonly script: Script | undefined;
}

/** One evaluation of one script, with its bounds. */
export interface Machine {
  steps: number;
  characters: number;
  /** Parts that are evaluated inside each other. */
  depth: number;
  /** Texts run inside each other. */
  nested: number;
  /** `try` statements around that catch. */
  handlers: number;
  /** Calls of functions of the script inside each other. */
  calls: number;
  /** How often something could not be told and both ways were gone. */
  doubts: number;
  /** Where `return`, `break` and `continue` lead. */
  result: Val;
  label: string;
  readonly globals: Scope;
  /** What parts came to, for writing the script again; see `rewrite.ts`. */
  readonly seen: Map<Node, Val | typeof VARIES>;
  /** Calls that hand on to one function or operator of the script. */
  readonly relays: Map<CallNode, FunctionNode | typeof VARIES>;
  /** Calls of what starts programs. */
  readonly starts: Map<CallNode, Unknown | typeof VARIES>;
  /** The cases that a switch went through, in order. */
  readonly routes: Map<SwitchStatement, number[]>;
  /** Functions that were run, and those that exist but were not. */
  readonly run: Set<FunctionNode>;
  readonly waiting: Map<FunctionNode, Thing>;
  readonly ran: Ran[];
  readonly scripts: Map<string, Script | undefined>;
  /** The names that a direct `eval` sees. */
  local: Scope | undefined;
  /** Offset of the call that is carried out, in the outermost text. */
  offset: number;
  readonly modules: Map<string, Unknown>;
  /** Provided functions by their names, made when first asked for. */
  readonly provided: Map<string, Map<string, Thing>>;
  call(callee: Val, self: Val, args: readonly Val[]): Val;
  runStatements(body: readonly Statement[], scope: Scope): number;
  hoist(names: Names, scope: Scope): void;
}

/** A part came to different things at different times. */
export const VARIES = Symbol("varies");

const MOST_NESTED = 12;
const SHORTEST_RAN = 12;
const MOST_RAN = 20;
const LONGEST_RAN = 4 << 20;

/** Uses up `count` characters; throws when there are none left. */
export function spend(m: Machine, count: number): void {
  m.characters -= count;
  if (m.characters < 0) throw new Exhausted("characters");
}

/** Runs a text that the script made, as `eval` and `Function` do, and remembers it. With `parameters` it is a function's body. */
export function runText(m: Machine, text: string, how: string, parameters?: readonly string[]): Val {
  spend(m, text.length);
  const outer = m.local ?? m.globals;
  m.local = undefined;
  const script = scriptOf(m, parameters === undefined ? text : `(function(${parameters.join(",")}){${text}\n})`);
  const isWorthIt = text.length >= SHORTEST_RAN && text.length <= LONGEST_RAN && !TRIFLES.test(text);
  const isNew = isWorthIt && m.ran.length < MOST_RAN && !m.ran.some((one) => one.text === text);
  if (isNew) m.ran.push({ text, how, offset: m.offset, script });
  if (m.nested >= MOST_NESTED || script === undefined) return UNKNOWN;
  m.nested++;
  const { offset } = m;
  const scope: Scope = { names: new Map(), outer, isOwn: true };
  m.hoist(script.names, scope);
  m.result = undefined;
  m.runStatements(script.body, scope);
  m.nested--;
  m.offset = offset;
  return m.result;
}

/** Each text is parsed once: scripts run the same ones again and again. */
function scriptOf(m: Machine, text: string): Script | undefined {
  const known = m.scripts.get(text);
  if (known !== undefined || m.scripts.has(text)) return known;
  let script: Script | undefined;
  try {
    script = parseScript(text);
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof RangeError)) throw error;
  }
  m.scripts.set(text, script);
  return script;
}

/** What library code evaluates everywhere. */
const TRIFLES =
  /^\s{0,8}(?:"use strict";?\s{0,8})?(?:return\s{1,4})?\(?(?:this|globalThis|debugger|[\w$.]{1,40}|\/\*[^*]{0,20}\*\/)\)?;?\s{0,8}$/;

/** Throws when steps are used up. */
export function step(m: Machine): void {
  if (--m.steps < 0) throw new Exhausted("steps");
}

/** Remembers what a part came to. */
export function note(m: Machine, node: Node, value: Val): void {
  const before = m.seen.get(node);
  if (before === undefined) m.seen.set(node, value);
  else if (before !== value && before !== VARIES) m.seen.set(node, VARIES);
}

/** The innermost scope that has the name; undefined when none has it. */
export function lookUp(scope: Scope, name: string): Scope | undefined {
  for (let one: Scope | undefined = scope; one !== undefined; one = one.outer) if (one.names.has(name)) return one;
  return undefined;
}

/** A function of the script, with the names around it. */
export function closure(m: Machine, code: FunctionNode, scope: Scope, self: Val): Thing {
  const thing = new Thing();
  thing.code = code;
  thing.scope = scope;
  thing.self = self;
  thing.name = code.name;
  if (!m.run.has(code) && !m.waiting.has(code)) m.waiting.set(code, thing);
  return thing;
}

import { relayed } from "./functions.ts";
import { type Machine, VARIES } from "./machine.ts";
import { type CallNode, type LoopStatement, type Node, partsOf, type Script, type Statement } from "./nodes.ts";
import { Unknown } from "./values.ts";

/** Parts inside each other that are written. */
const MOST_DEPTH = 400;
/** Longer texts are layers of their own. */
const LONGEST = 20_000;

interface Writer {
  readonly m: Machine;
  readonly text: string;
  depth: number;
  /** Parts that were replaced. */
  count: number;
}

/**
 * The script with what its parts came to in their place: texts that it decodes, members that it names by texts, modules, functions
 * that only hand on, and the order of statements that a table scrambles. Undefined when nothing came of it.
 */
export function rewritten(m: Machine, script: Script): { readonly text: string; readonly count: number } | undefined {
  const w: Writer = { m, text: script.text, depth: 0, count: 0 };
  const text = fill(w, 0, script.text.length, script.body);
  return w.count === 0 ? undefined : { text, count: w.count };
}

/** The text from `start` to `end` with `parts` written anew. */
function fill(w: Writer, start: number, end: number, parts: Iterable<Node | Statement>): string {
  const pieces: string[] = [];
  let last = start;
  for (const part of [...parts].sort((a, b) => a.raw.start - b.raw.start)) {
    if (part.raw.start < last || part.raw.end > end) continue;
    pieces.push(w.text.slice(last, part.raw.start), write(w, part));
    last = part.raw.end;
  }
  pieces.push(w.text.slice(last, end));
  return pieces.join("");
}

function write(w: Writer, part: Node | Statement): string {
  if (w.depth >= MOST_DEPTH) return w.text.slice(part.raw.start, part.raw.end);
  w.depth++;
  const text = replaced(w, part) ?? fill(w, part.raw.start, part.raw.end, childrenOf(part));
  w.depth--;
  return text;
}

/** Functions that are declared are nobody's statement; they stand in the names of the function around. */
function childrenOf(part: Node | Statement): Iterable<Node | Statement> {
  return partsOf(part);
}

function replaced(w: Writer, part: Node | Statement): string | undefined {
  if (part.type === "call" || part.type === "member" || part.type === "sum" || part.type === "template") {
    const constant = constantOf(w, part);
    if (constant !== undefined) return constant;
  }
  if (part.type === "call") return writeStart(w, part) ?? writeRelay(w, part);
  if (part.type === "member" && part.isComputed) return writeMember(w, part.of, part.key);
  return part.type === "loop" ? writeRoute(w, part) : undefined;
}

function constantOf(w: Writer, part: Node): string | undefined {
  const value = w.m.seen.get(part);
  if (typeof value === "string" && value.length <= LONGEST) {
    w.count++;
    return JSON.stringify(value);
  }
  if (!(value instanceof Unknown) || value.module === "" || value.member !== "" || part.type !== "call")
    return undefined;
  if (/^(?:require|module|process)$/.test(value.module)) return undefined;
  if (part.callee.type === "name" && part.callee.name === "require" && part.args[0]?.type === "constant")
    return undefined;
  w.count++;
  return `require(${JSON.stringify(value.module)})`;
}

/** `a["b"]` as `a.b` */
function writeMember(w: Writer, of: Node, key: Node): string | undefined {
  const value = key.type === "constant" ? key.value : w.m.seen.get(key);
  if (typeof value !== "string" || !/^[A-Za-z_$][\w$]{0,60}$/.test(value)) return undefined;
  w.count++;
  return `${write(w, of)}.${value}`;
}

/** A call of `exec` and the like by whatever name. */
function writeStart(w: Writer, node: CallNode): string | undefined {
  const of = w.m.starts.get(node);
  if (!(of instanceof Unknown) || isCalledSo(w, node.callee, of.member)) return undefined;
  w.count++;
  return `require("child_process").${of.member}(${node.args.map((argument) => write(w, argument)).join(", ")})`;
}

/** The name that is called is the function's own already, and what it is a member of has been given that by its name. */
function isCalledSo(w: Writer, callee: Node, member: string): boolean {
  const last = callee.type === "member" && !callee.isComputed ? callee.key : callee;
  return (
    w.text.slice(last.raw.start, last.raw.end) === member && !w.text.includes("import(") && !w.text.includes("inding(")
  );
}

function writeRelay(w: Writer, node: CallNode): string | undefined {
  const code = w.m.relays.get(node);
  if (code === undefined || code === VARIES || node.args.some((argument) => argument.type === "spread"))
    return undefined;
  const of = relayed(code);
  if (of === undefined) return undefined;
  const names = code.parameters.map((parameter) => (parameter.type === "name" ? parameter.name : ""));
  const given = (part: Node) => {
    const argument = part.type === "name" ? node.args[names.indexOf(part.name)] : undefined;
    return argument === undefined ? "undefined" : write(w, argument);
  };
  w.count++;
  if (of.type === "call") return `${given(of.callee)}(${of.args.map(given).join(", ")})`;
  if (of.type === "binary" || of.type === "logical") return `(${given(of.left)} ${of.operator} ${given(of.right)})`;
  return of.type === "sum" ? `(${of.parts.map(given).join(" + ")})` : undefined;
}

/** `while (true) { switch (order[at++]) { … } break; }`, each case once: its statements in the order in which they ran. */
function writeRoute(w: Writer, loop: LoopStatement): string | undefined {
  if (loop.body.type !== "block" || loop.body.body.length > 3) return undefined;
  const choice = loop.body.body.find((one) => one.type === "switch");
  if (choice?.type !== "switch") return undefined;
  const route = w.m.routes.get(choice);
  if (route === undefined || route.length < 2) return undefined;
  w.count++;
  const rest = choice.cases.map((_, at) => at).filter((at) => !route.includes(at));
  return [...route, ...rest]
    .flatMap((at) => (choice.cases[at]?.body ?? []).filter((one) => one.type !== "jump"))
    .map((one) => write(w, one))
    .join("\n");
}

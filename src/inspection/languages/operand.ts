import { holdEntry, holdMember } from "./assign.ts";
import type { Call } from "./calls.ts";
import { detached } from "./detached.ts";
import { gottenBy, handedOn, handedOnScript, isDangerous, isDangerousScript } from "./detours.ts";
import { readFunction } from "./functions.ts";
import { readArguments, readItems, readParenthesis, readRecord } from "./literals.ts";
import { noteMade } from "./made.ts";
import { calleeOf, callValue, member, slice, subscript } from "./members.ts";
import {
  ARROW,
  COLON,
  DOT,
  EQUALS,
  isWordAt,
  lookUp,
  nameAt,
  noteFold,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  OPTIONAL_DOT,
  operatorAt,
  type Program,
  skipOperand,
  WORD,
} from "./program.ts";
import { readStrings, readTemplates } from "./strings.ts";
import { FALSE, NULL, TRUE, UNKNOWN, type Value, wholeText } from "./value.ts";

/** The operand at `at` with all its members, subscripts and calls; read once and remembered. */
export function readOperand(p: Program, at: number): Value {
  if (at >= p.length) {
    p.end = p.length;
    return UNKNOWN;
  }
  if (p.quiet > 0 || isPlain(p, at)) return readChain(p, at);
  const known = p.memo.get(at);
  if (known !== undefined) {
    p.end = known.end;
    return known.value;
  }
  const value = readChain(p, at);
  if (p.made !== undefined) noteMade(p, at, value);
  p.memo.set(at, { value, end: p.end });
  return value;
}

/** A name, string or number with nothing behind it costs less to read again than to remember. */
function isPlain(p: Program, at: number): boolean {
  const kind = p.tokens.kind(at);
  if (kind !== "name" && kind !== "string" && kind !== "number") return false;
  if (
    kind === "name" &&
    (isWordAt(p, at, WORD.lambda) || isWordAt(p, at, WORD.function) || isWordAt(p, at, WORD.async))
  )
    return false;
  const next = at + 1 < p.length ? p.tokens.kind(at + 1) : "newline";
  if (next === "string" || next === "template") return false;
  const code = operatorAt(p, at + 1);
  return code !== DOT && code !== OPEN_PAREN && code !== OPEN_BRACKET && code !== OPTIONAL_DOT && code !== ARROW;
}

function readChain(p: Program, at: number): Value {
  let value = readPrimary(p, at);
  for (;;) {
    const next = p.end;
    const code = operatorAt(p, next);
    if (code === DOT || (code === OPTIONAL_DOT && nameAt(p, next + 1) !== "")) {
      const name = nameAt(p, next + 1);
      if (name === "") return value;
      p.end = next + 2;
      value = member(p, value, name);
      const after = operatorAt(p, p.end);
      if (after !== OPEN_PAREN && after !== DOT && after !== OPEN_BRACKET && after !== OPTIONAL_DOT)
        refer(p, value, at);
    } else if (code === OPEN_PAREN) value = readCall(p, value, at, next);
    else if (code === OPEN_BRACKET) value = readSubscript(p, value, at, next);
    else if (code === OPTIONAL_DOT) p.end = next + 1;
    else if (!p.isPython && isTag(p, next)) value = readTagged(p, value, at, next);
    else return value;
  }
}

function readPrimary(p: Program, at: number): Value {
  switch (p.tokens.kind(at)) {
    case "string":
      return readStrings(p, at);
    case "template":
      return readTemplates(p, at);
    case "number":
      p.end = at + 1;
      return readNumber(p.tokens.text(at));
    case "name":
      return readName(p, at);
    case "operator":
      return readBracket(p, at);
    case "regex":
      p.end = at + 1;
      return readPattern(p.tokens.text(at));
    default:
      p.end = at + 1;
      return UNKNOWN;
  }
}

function readBracket(p: Program, at: number): Value {
  const code = operatorAt(p, at);
  if (code === OPEN_PAREN) return readFunction(p, at) ?? readParenthesis(p, at);
  if (code === OPEN_BRACKET) return readItems(p, at);
  if (code === OPEN_BRACE) return readRecord(p, at);
  // An operator where an operand should be: left to whoever reads the tokens one by one.
  p.end = Math.min(skipOperand(p, at), p.length);
  return UNKNOWN;
}

function readName(p: Program, at: number): Value {
  const callable = readFunction(p, at);
  if (callable !== undefined) return callable;
  p.end = at + 1;
  const name = nameAt(p, at);
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return constant;
  const value = lookUp(p, name);
  const next = operatorAt(p, p.end);
  const isUsed = next !== OPEN_PAREN && next !== DOT && next !== OPEN_BRACKET && next !== EQUALS;
  if (isUsed && !(next === COLON && !p.isPython)) refer(p, value, at);
  return value;
}

/** A regular expression that stands for one literal text is a name of that text behind a slash; others are not known. */
function readPattern(written: string): Value {
  const literal = /^\/((?:[\w #%&,:;<=>@~"'`!-]|\\[^\w\s]){1,64})\/[gimsuy]{0,6}$/.exec(written)?.[1];
  return literal === undefined ? UNKNOWN : { kind: "name", name: `/${literal.replaceAll("\\", "")}` };
}

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["True", TRUE],
  ["False", FALSE],
  ["None", NULL],
  ["true", TRUE],
  ["false", FALSE],
  ["null", NULL],
  ["undefined", NULL],
]);

function readNumber(written: string): Value {
  const text = written.replaceAll("_", "").toLowerCase();
  const body = text.endsWith("n") || text.endsWith("l") ? text.slice(0, -1) : text;
  const octal = /^0[0-7]+$/.exec(body) !== null;
  const number = octal ? Number.parseInt(body, 8) : Number(body);
  if (Number.isNaN(number)) return UNKNOWN;
  if (Number.isSafeInteger(number) || !/^(?:\d+|0x[0-9a-f]+)$/.test(body) || body.length > MOST_DIGITS)
    return { kind: "number", number };
  return { kind: "number", number: BigInt(body) };
}

/** Digits of a number that is kept exactly; parsing longer ones costs more than linear time. */
const MOST_DIGITS = 20_000;

/** Records the use of a name or member that is not called. */
function refer(p: Program, value: Value, at: number): void {
  if (p.quiet > 0 || value.kind !== "name" || p.referred[at] === 1 || p.references.length >= MOST_RECORDS) return;
  p.referred[at] = 1;
  p.references.push({ name: value.name, offset: p.tokens.start(at), token: at });
}

/** Calls, and references, kept of one file. */
const MOST_RECORDS = 200_000;

function readCall(p: Program, callee: Value, at: number, open: number): Value {
  const call = openCall(p, callee, at, p.tokens.start(open));
  const outer = p.callee;
  p.callee = call;
  call.args.push(...readArguments(p, open));
  p.callee = outer;
  record(p, call);
  if (p.quiet > 0 && p.followed !== undefined) recordInner(p, call, callee, p.followed);
  const word = open === at + 1 ? nameAt(p, at) : "";
  if (word !== call.name && (p.isPython ? PYTHON_RUNNERS : JAVASCRIPT_RUNNERS).has(word))
    record(p, { ...call, name: word });
  if (p.isPython) recordDetours(p, call, callee);
  else recordScriptDetours(p, call);
  return callValue(p, call, callee);
}

/** Records what else is called by a call: what it is given, what a getter gives; and what it makes a member of something. */
function recordDetours(p: Program, call: Call, callee: Value): void {
  const handed = handedOn(call, callee.kind === "function");
  if (handed !== undefined) record(p, { ...call, ...handed });
  const gotten = gottenBy(call, (of, name) => member(p, of, name));
  if (gotten?.args !== undefined) record(p, { ...call, name: calleeOf(gotten.value).name, args: gotten.args });
  const [owner, name, value] = call.args;
  if (call.name === "setattr" && owner !== undefined && isDangerous(value?.value))
    holdMember(p, owner.value, wholeText(name?.value) ?? "?", value.value);
  if (call.name !== "globals().update") return;
  const given = call.args.flatMap(({ name, value }): (readonly [string, Value])[] =>
    value.kind === "record" ? [...value.entries] : [[name ?? "", value]],
  );
  for (const [name, value] of given) if (isDangerous(value)) p.scopes[0]!.set(name, value);
}

/** The same of a script. */
function recordScriptDetours(p: Program, call: Call): void {
  const handed = handedOnScript(call);
  if (handed !== undefined) record(p, { ...call, ...handed });
  const [first, second, third] = call.args;
  if (first === undefined) return;
  if (/\.set$/.test(call.name) && isDangerousScript(second?.value))
    holdEntry(p, nameAt(p, call.token), wholeText(first.value) ?? "?", second.value);
  if (call.name !== "Object.defineProperty" || third?.value.kind !== "record") return;
  const given = third.value.entries.get("value") ?? third.value.entries.get("get");
  const value = given?.kind === "function" ? p.apply(given, []) : given;
  const name = wholeText(second?.value) ?? "?";
  if (!isDangerousScript(value)) return;
  if (
    first.value.kind === "name" &&
    !(p.tokens.kind(first.token) === "name" && first.value.name === nameAt(p, first.token))
  )
    holdMember(p, first.value, name, value);
  else holdEntry(p, nameAt(p, first.token), name, value);
}

/**
 * Names so dangerous that a call of them counts as one whatever the file seems to have made of the name: a decoy such as
 * `if 0: exec = print` must not hide them.
 */
const PYTHON_RUNNERS: ReadonlySet<string> = new Set(["exec", "eval", "compile", "execfile", "__import__"]);
const JAVASCRIPT_RUNNERS: ReadonlySet<string> = new Set(["eval", "Function", "require"]);

/** In JavaScript a template right behind a value calls it. */
function isTag(p: Program, at: number): boolean {
  if (at >= p.length || p.text.charCodeAt(p.tokens.start(at)) !== 0x60) return false;
  return p.tokens.kind(at) === "template" || p.tokens.kind(at) === "string";
}

function readTagged(p: Program, callee: Value, at: number, template: number): Value {
  const call = openCall(p, callee, at, p.tokens.start(template));
  const value = p.tokens.kind(template) === "string" ? readStrings(p, template) : readTemplates(p, template);
  call.args.push({ name: undefined, value, token: template });
  record(p, call);
  return callValue(p, call, callee);
}

function openCall(p: Program, callee: Value, at: number, end: number): Call & { args: Call["args"][number][] } {
  const { name, receiver } = calleeOf(callee, p.isPython);
  const start = p.tokens.start(at);
  const written = detached(p.text.slice(start, Math.min(end, start + MOST_WRITTEN)), p.text);
  return { name, written, receiver, offset: start, token: at, args: [], within: "", isTopLevel: true };
}

/** Characters of a callee as written. */
const MOST_WRITTEN = 200;

function record(p: Program, call: Call): void {
  if (p.quiet === 0 && p.calls.length < MOST_RECORDS) p.calls.push(call);
}

/**
 * `run("a")` of a function of the file that gives what it is given to what runs text or starts programs: a call of that, where the function
 * is called.
 */
function recordInner(p: Program, call: Call, callee: Value, { token, offset, written }: Call): void {
  if ((p.isPython ? !isDangerous(callee) : !isDangerousScript(callee)) || p.calls.length >= MOST_RECORDS) return;
  const last = p.calls.at(-1);
  if (last?.token === token && last.name === call.name && last.args.length > 0) return;
  if (call.args.some(({ value }) => wholeText(value) !== undefined)) p.calls.push({ ...call, token, offset, written });
}

function readSubscript(p: Program, base: Value, at: number, open: number): Value {
  const close = p.mates[open]!;
  let value: Value;
  const bounds: (Value | undefined)[] = [];
  const first = operatorAt(p, open + 1) === COLON || open + 1 >= close ? undefined : p.read(open + 1);
  const after = first === undefined ? open + 1 : p.end;
  if (p.isPython && operatorAt(p, after) === COLON) {
    readBounds(p, after, close, bounds);
    value = slice(base, first, bounds[0], bounds[1]);
    noteSlice(p, base, value, at);
  } else value = subscript(p, base, first ?? UNKNOWN);
  p.end = Math.min(close + 1, p.length);
  const next = operatorAt(p, p.end);
  if (next !== OPEN_PAREN && next !== DOT && next !== OPEN_BRACKET) refer(p, value, at);
  return value;
}

/** A text turned round or picked from with a step. */
function noteSlice(p: Program, base: Value, value: Value, at: number): void {
  const text = wholeText(value);
  const source = wholeText(base);
  if (text !== undefined && source?.startsWith(text) === false) noteFold(p, text, "a slice", at, [source]);
}

/** The values between the colons of a slice, undefined where nothing stands. */
function readBounds(p: Program, from: number, close: number, bounds: (Value | undefined)[]): void {
  for (let at = from; at < close && bounds.length < 2; ) {
    const isEmpty = at + 1 >= close || operatorAt(p, at + 1) === COLON;
    bounds.push(isEmpty ? undefined : p.read(at + 1));
    at = isEmpty ? at + 1 : p.end;
    if (operatorAt(p, at) !== COLON) return;
  }
}

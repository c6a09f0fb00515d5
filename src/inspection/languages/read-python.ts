import { CLASS_KEY, globalKey, holdMember } from "./assign.ts";
import { assignPython } from "./assign-python.ts";
import { readDecorators } from "./decorators.ts";
import { isDangerous } from "./detours.ts";
import { blockEnd, followLoop } from "./follow.ts";
import { parametersIn, restBefore } from "./functions.ts";
import { readFrom, readImport } from "./imports-python.ts";
import { bindTargets, findFor } from "./literals.ts";
import { readMade } from "./made.ts";
import { readOperand } from "./operand.ts";
import {
  CLOSE_PAREN,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  isWordAt,
  lookUp,
  nameAt,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  operatorAt,
  operatorCode,
  type Program,
  SEMICOLON,
  skipOperand,
  WORD,
} from "./program.ts";
import { isTemplateStart } from "./strings.ts";
import { mixed, UNKNOWN, type Value } from "./value.ts";

interface Progress {
  /** The next token begins a statement. */
  starts: boolean;
  /** The statement is compound, so a colon outside brackets begins another. */
  compound: boolean;
  depth: number;
  /** Ends of the functions and classes around, innermost last. */
  readonly ends: number[];
  /** Assignments before this token were carried out by following their loop. */
  followedUntil: number;
  /** Tokens before this one belong to an import and are no references. */
  skipUntil: number;
}

const WORDS: ReadonlySet<string> = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from global if import in is lambda " +
    "nonlocal not or pass raise return try while with yield None True False"
  ).split(" "),
);
/** What may follow `async`. */
const STARTED_LATE: ReadonlySet<string> = new Set(["def", "for", "with"]);
const COMPOUND: ReadonlySet<string> = new Set(
  "if elif else for while try except finally with def class async match case".split(" "),
);

/** Reads a Python file from top to bottom: what names stand for at each place, and every call and reference. */
export function readPython(p: Program): void {
  declareNames(p);
  const progress: Progress = { starts: true, compound: false, depth: 0, ends: [], followedUntil: 0, skipUntil: 0 };
  for (let at = 0; at < p.length; at++) {
    while ((progress.ends.at(-1) ?? Infinity) <= at) {
      progress.ends.pop();
      p.scopes.pop();
    }
    p.frozen = at < progress.followedUntil;
    if (at >= progress.skipUntil || p.tokens.kind(at) === "newline") readToken(p, at, progress);
  }
}

/** Notes functions of the module, and names that are given a value exactly once. */
function declareNames(p: Program): void {
  const counts = new Map<string, number>();
  let starts = true;
  for (let at = 0; at < p.length; at++) {
    const kind = p.tokens.kind(at);
    if (kind === "name" && starts && operatorAt(p, at + 1) === EQUALS) {
      const name = nameAt(p, at);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      p.later.set(name, at + 2);
    } else if (kind === "name" && starts && isWordAt(p, at, WORD.self)) declareMember(p, at);
    else if (kind === "name" && isWordAt(p, at, WORD.def)) declareFunction(p, at);
    starts = kind === "newline" || kind === "indent" || kind === "dedent" || operatorAt(p, at) === SEMICOLON;
  }
  for (const [name, count] of counts) if (count > 1) p.later.delete(name);
}

/** `self.run = exec` somewhere in a class: methods above it are called after it too. */
function declareMember(p: Program, at: number): void {
  if (operatorAt(p, at + 1) !== DOT || operatorAt(p, at + 3) !== EQUALS || !RUNS.has(nameAt(p, at + 4))) return;
  const value = p.tokens.kind(at + 5) === "newline" ? lookUp(p, nameAt(p, at + 4)) : undefined;
  if (isDangerous(value)) holdMember(p, { kind: "name", name: "self" }, nameAt(p, at + 2), value);
}

const RUNS: ReadonlySet<string> = new Set(["exec", "eval", "execfile", "__import__"]);

/** Lets the name of a function that is no method stand for it in the whole file. */
function declareFunction(p: Program, at: number): void {
  const open = at + 2;
  if (operatorAt(p, open) !== OPEN_PAREN) return;
  const parameters = parametersIn(p, open);
  if (parameters[0] === "self" || parameters[0] === "cls") return;
  const body = bodyAfter(p, p.mates[open]! + 1);
  const name = nameAt(p, at + 1);
  const bodyEnd = blockEnd(p, body);
  const rest = restBefore(p, parameters, body);
  p.scopes[0]!.set(name, { kind: "function", name, parameters, body, bodyEnd, isBlock: true, ...rest });
}

/** The token behind the colon that ends the head of a function or class. */
function bodyAfter(p: Program, from: number): number {
  let at = from;
  const last = Math.min(p.length, from + MOST_HEAD);
  while (at < last && operatorAt(p, at) !== COLON && p.tokens.kind(at) !== "newline") at = skipOperand(p, at);
  return Math.min(at + 1, p.length);
}

/** Tokens of the head of a function, class, import or loop that are looked through. */
const MOST_HEAD = 256;

function readToken(p: Program, at: number, progress: Progress) {
  switch (p.tokens.kind(at)) {
    case "newline":
    case "indent":
    case "dedent":
      progress.starts = true;
      progress.compound = false;
      progress.depth = 0;
      return;
    case "operator":
      return readOperator(p, at, progress);
    case "name":
      if (progress.starts) startStatement(p, at, progress);
      return readName(p, at);
    case "string":
    case "template":
      progress.starts = false;
      readMade(p, at);
      // The pieces behind holes were read with the first.
      if (p.tokens.kind(at) === "template" ? isTemplateStart(p, at) : hasTrailer(p, at + 1)) readOperand(p, at);
      return;
    default:
      progress.starts = false;
  }
}

function readOperator(p: Program, at: number, progress: Progress): void {
  const code = operatorAt(p, at);
  if (code === AT && progress.starts && operatorAt(p, lineBefore(p, at)) !== AT) p.calls.push(...readDecorators(p, at));
  const isOpen = code === OPEN_PAREN || code === OPEN_BRACKET || code === OPEN_BRACE;
  if (isOpen && progress.starts) startStatement(p, at, progress);
  progress.starts = code === SEMICOLON || (code === COLON && progress.compound && progress.depth === 0);
  if (progress.starts) progress.compound = code === COLON && progress.compound;
  if (isOpen) {
    progress.depth++;
    if (hasTrailer(p, p.mates[at]! + 1) && !endsOperand(p, at - 1)) readOperand(p, at);
    else if (!endsOperand(p, at - 1) && findFor(p, at + 1, p.mates[at]!) > 0) readOperand(p, at);
  } else if (code === WALRUS) p.read(at - 1);
  else if (code === CLOSE_PAREN || code === CLOSE_BRACKET || code === CLOSE_BRACE)
    progress.depth = Math.max(0, progress.depth - 1);
}

/** The first token of the line above, as far as that is one short line. */
function lineBefore(p: Program, at: number): number {
  let first = at - 1;
  while (first > 0 && at - first < MOST_HEAD && p.tokens.kind(first - 1) !== "newline") first--;
  return first;
}

const AT = operatorCode("@");
const WALRUS = operatorCode(":=");
const CLOSE_BRACKET = operatorCode("]");
const CLOSE_BRACE = operatorCode("}");

function hasTrailer(p: Program, at: number): boolean {
  const code = operatorAt(p, at);
  return code === DOT || code === OPEN_PAREN || code === OPEN_BRACKET;
}

/** The token ends an operand, so a bracket after it is a call or subscript. */
function endsOperand(p: Program, at: number): boolean {
  if (at < 0) return false;
  const kind = p.tokens.kind(at);
  if (kind === "name") return !WORDS.has(nameAt(p, at));
  const code = operatorAt(p, at);
  return kind === "string" || code === CLOSE_PAREN || code === CLOSE_BRACKET || code === CLOSE_BRACE;
}

function readName(p: Program, at: number): void {
  const before = operatorAt(p, at - 1);
  if (before === DOT || p.memo.has(at) || WORDS.has(nameAt(p, at))) return;
  if (operatorAt(p, at + 1) === EQUALS && (before === OPEN_PAREN || before === COMMA)) return; // keyword argument
  if (isWordAt(p, at - 1, WORD.def) || isWordAt(p, at - 1, WORD.class)) return;
  readOperand(p, at);
}

/** Carries out what the statement at `at` does to names. */
function startStatement(p: Program, at: number, progress: Progress) {
  progress.starts = false;
  const word = nameAt(p, at);
  progress.compound = COMPOUND.has(word);
  switch (word) {
    case "import":
      progress.skipUntil = readImport(p, at);
      return;
    case "from":
      progress.skipUntil = readFrom(p, at);
      return;
    case "async":
      if (STARTED_LATE.has(nameAt(p, at + 1))) startStatement(p, at + 1, progress);
      return;
    case "def":
    case "class":
      return openPlace(p, at, progress);
    case "for":
      return readLoop(p, at, progress);
    case "with":
      return readWith(p, at);
    case "global":
      return readGlobal(p, at);
    default:
      if (!WORDS.has(word) && at >= progress.followedUntil) assignPython(p, at);
  }
}

/** A function or class: its names are its own until it ends. */
function openPlace(p: Program, at: number, progress: Progress): void {
  const open = at + 2;
  const hasParameters = operatorAt(p, open) === OPEN_PAREN;
  const body = bodyAfter(p, hasParameters ? p.mates[open]! + 1 : open);
  const to = blockEnd(p, body);
  const isClass = isWordAt(p, at, WORD.class);
  p.places.push({ from: body, to, name: nameAt(p, at + 1), isClass });
  const scope = new Map<string, Value>();
  if (isClass) openClass(p, at, hasParameters, scope);
  else if (hasParameters) bindParameters(p, open, scope);
  p.scopes.push(scope);
  const around = progress.ends.at(-1) ?? Infinity;
  progress.ends.push(Math.min(Math.max(to, at + 1), around));
}

/** What a class's body names are members; a class of what runs something runs it too. */
function openClass(p: Program, at: number, hasBases: boolean, scope: Map<string, Value>): void {
  const name = nameAt(p, at + 1);
  scope.set(CLASS_KEY, { kind: "name", name });
  const base = hasBases ? lookUp(p, nameAt(p, at + 3)) : undefined;
  const full = hasBases && operatorAt(p, at + 4) === DOT ? p.read(at + 3) : base;
  if (isDangerous(full)) p.scopes.at(-1)!.set(name, full);
}

/** Parameters are unknown, except that a default tells what they may be. */
function bindParameters(p: Program, open: number, scope: Map<string, Value>): void {
  for (const name of parametersIn(p, open))
    if (name !== "") scope.set(name, name === "self" ? { kind: "name", name } : UNKNOWN);
  const close = p.mates[open]!;
  for (let at = open + 1; at < close; at = skipOperand(p, at)) {
    if (operatorAt(p, at) !== EQUALS) continue;
    const name = nameAt(p, at - 1);
    if (scope.has(name)) scope.set(name, p.read(at + 1));
  }
}

function readLoop(p: Program, at: number, progress: Progress): void {
  const names: string[] = [];
  let next = at + 1;
  for (; next < p.length && !isWordAt(p, next, WORD.in); next++) {
    if (p.tokens.kind(next) === "newline" || next - at > MOST_HEAD) return;
    if (nameAt(p, next) !== "") names.push(nameAt(p, next));
  }
  const source = p.read(next + 1);
  if (at >= progress.followedUntil) progress.followedUntil = Math.max(progress.followedUntil, followLoop(p, at));
  bindTargets(p.scopes.at(-1)!, names, mixed(source));
}

function readWith(p: Program, at: number): void {
  let next = operatorAt(p, at + 1) === OPEN_PAREN && operatorAt(p, p.mates[at + 1]! + 1) === COLON ? at + 2 : at + 1;
  for (let left = 32; left > 0; left--) {
    const value = p.read(next);
    if (!isWordAt(p, p.end, WORD.as)) return;
    const name = nameAt(p, p.end + 1);
    if (name !== "") p.scopes.at(-1)!.set(name, value);
    if (operatorAt(p, p.end + 2) !== COMMA) return;
    next = p.end + 3;
  }
}

function readGlobal(p: Program, at: number): void {
  for (let next = at + 1; nameAt(p, next) !== ""; next += 2) {
    p.globals.add(nameAt(p, next));
    p.scopes.at(-1)!.set(globalKey(nameAt(p, next)), UNKNOWN);
    if (operatorAt(p, next + 1) !== COMMA) return;
  }
}

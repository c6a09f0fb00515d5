import { holdMember } from "./assign.ts";
import { isDangerousScript } from "./detours.ts";
import { readExpression } from "./expression.ts";
import { followLoop } from "./follow.ts";
import { bindPattern, givenBy, parametersIn } from "./functions.ts";
import { isName } from "./interned.ts";
import { gotten } from "./literals.ts";
import { readMade } from "./made.ts";
import { member } from "./members.ts";
import { readOperand } from "./operand.ts";
import {
  ARROW,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  isWordAt,
  nameAt,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  OPTIONAL_DOT,
  operatorAt,
  operatorCode,
  type Program,
  SPREAD,
  STAR,
  skipOperand,
  WORD,
} from "./program.ts";
import { slicesOf } from "./slices.ts";
import { mixed, UNKNOWN, type Value, wholeText } from "./value.ts";

const WORDS: ReadonlySet<string> = new Set(
  (
    "async await break case catch class const continue debugger default delete do else export extends finally for function if " +
    "in instanceof let new of return static switch throw try typeof var void while with yield get set null true false"
  ).split(" "),
);
/** Words whose parentheses and block are no method. */
const CONTROL: ReadonlySet<string> = new Set("if for while switch catch with function return await".split(" "));
const ASSIGNMENTS: ReadonlySet<number> = new Set(
  "= += -= *= /= %= **= <<= >>= >>>= &= |= ^= ||= &&= ??=".split(" ").map(operatorCode),
);
const CLOSE_PAREN = operatorCode(")");
const CLOSE_BRACKET = operatorCode("]");

interface Progress {
  /** Ends of the function bodies around, innermost last. */
  readonly ends: number[];
  /** Function bodies that begin further down, with their parameters. */
  readonly bodies: Map<number, readonly string[]>;
  /** Assignments before this token were carried out by following their loop. */
  followedUntil: number;
  /** Tokens before this one belong to an import and are no references. */
  skipUntil: number;
}

/** Reads a JavaScript file from top to bottom, large ones in slices: what names stand for at each place, and every call and reference. */
export function readJavaScript(p: Program): void {
  const slices = slicesOf(p);
  if (slices.length === 0) return;
  p.isSliced = slices.length !== 1 || slices[0]!.to - slices[0]!.from < p.length;
  declareNames(p);
  for (const { from, to } of slices) declareFunctions(p, from, to);
  const progress: Progress = { ends: [], bodies: new Map(), followedUntil: 0, skipUntil: 0 };
  for (const { from, to } of slices) {
    for (let at = from; at < to; at++) {
      while ((progress.ends.at(-1) ?? Infinity) <= at) {
        progress.ends.pop();
        p.scopes.pop();
      }
      p.frozen = at < progress.followedUntil;
      if (at >= progress.skipUntil) readToken(p, at, progress);
    }
  }
}

/** Notes names that are given a value exactly once in the file. */
function declareNames(p: Program): void {
  const { ids, word, limit } = p.words;
  const counts = new Uint8Array(limit);
  const values = new Int32Array(limit);
  for (let at = ids.indexOf(EQUALS); at !== -1; at = ids.indexOf(EQUALS, at + 1)) {
    const id = at > 0 ? ids[at - 1]! : 0;
    if (!isName(id) || (at > 1 && ids[at - 2] === DOT)) continue;
    counts[id] = Math.min(2, counts[id]! + 1);
    values[id] = at + 1;
  }
  for (let id = 0; id < limit; id++) if (counts[id] === 1) p.later.set(word(id), values[id]!);
}

function declareFunctions(p: Program, from: number, to: number): void {
  for (let at = from; at < to; at++) if (p.words.ids[at] === WORD.function) declareFunction(p, at);
}

function declareFunction(p: Program, at: number): void {
  const name = nameAt(p, at + 1);
  if (name === "" || operatorAt(p, at + 2) !== OPEN_PAREN) return;
  const body = p.mates[at + 2]! + 1;
  if (operatorAt(p, body) !== OPEN_BRACE) return;
  const bodyEnd = Math.min(p.mates[body]! + 1, p.length);
  p.scopes[0]!.set(name, { kind: "function", name, parameters: parametersIn(p, at + 2), body, bodyEnd, isBlock: true });
}

function readToken(p: Program, at: number, progress: Progress) {
  switch (p.tokens.kind(at)) {
    case "operator":
      return readOperator(p, at, progress);
    case "name":
      return readName(p, at, progress);
    case "string":
      readMade(p, at);
      if (hasTrailer(p, at + 1)) readOperand(p, at);
      return;
    case "template":
      if (p.text.charCodeAt(p.tokens.start(at)) === 0x60) readOperand(p, at);
      return;
    default:
      return;
  }
}

function readOperator(p: Program, at: number, progress: Progress): void {
  const code = operatorAt(p, at);
  if (code === OPEN_BRACE) openBody(p, at, progress);
  else if (code === ARROW) noteArrow(p, at, progress);
  else if (code === OPEN_PAREN || code === OPEN_BRACKET) {
    const after = p.mates[at]! + 1;
    const isOperand = hasTrailer(p, after) || (code === OPEN_PAREN && operatorAt(p, after) === ARROW);
    if (isOperand && !endsOperand(p, at - 1)) readOperand(p, at);
  }
}

function hasTrailer(p: Program, at: number): boolean {
  const code = operatorAt(p, at);
  return code === DOT || code === OPEN_PAREN || code === OPEN_BRACKET || code === OPTIONAL_DOT;
}

function endsOperand(p: Program, at: number): boolean {
  if (at < 0) return false;
  const kind = p.tokens.kind(at);
  if (kind === "name") return !WORDS.has(nameAt(p, at));
  const code = operatorAt(p, at);
  return kind === "string" || code === CLOSE_PAREN || code === CLOSE_BRACKET || code === DOT || code === OPTIONAL_DOT;
}

/** At the brace of a function's body: its parameters and names are its own until it ends. */
function openBody(p: Program, at: number, progress: Progress): void {
  const parameters = progress.bodies.get(at);
  if (parameters === undefined) return;
  const call = p.callbacks.get(at);
  const value: Value = call === undefined ? UNKNOWN : givenBy(call);
  p.scopes.push(new Map(parameters.map((name) => [name, value])));
  bindPattern(p, at, value);
  progress.ends.push(Math.min(p.mates[at]! + 1, progress.ends.at(-1) ?? Infinity));
}

function noteArrow(p: Program, at: number, progress: Progress): void {
  const body = at + 1;
  const before = at - 1;
  const isList = operatorAt(p, before) === CLOSE_PAREN;
  const parameters = isList ? parametersIn(p, p.mates[before]!) : [nameAt(p, before)];
  if (operatorAt(p, body) !== OPEN_BRACE) return;
  progress.bodies.set(body, parameters);
  notePlace(p, isList ? p.mates[before]! : before, "", body, false);
}

/** Remembers a function with a name, its own or the one it is assigned to, unless it is called on the spot. */
function notePlace(p: Program, at: number, name: string, body: number, isClass: boolean): void {
  const to = Math.min(p.mates[body]! + 1, p.length);
  const called = name === "" || operatorAt(p, to) === OPEN_PAREN || operatorAt(p, to) === CLOSE_PAREN;
  const after = operatorAt(p, to) === CLOSE_PAREN ? to + 1 : to;
  if (called && operatorAt(p, after) === OPEN_PAREN) return;
  const start = isWordAt(p, at - 1, WORD.async) ? at - 1 : at;
  const before = operatorAt(p, start - 1);
  const own = name !== "" ? name : before === EQUALS || before === COLON ? nameAt(p, start - 2) : "";
  if (own !== "") p.places.push({ from: body, to, name: own, isClass });
}

function readName(p: Program, at: number, progress: Progress): void {
  const before = operatorAt(p, at - 1);
  if (before === DOT || (before === OPTIONAL_DOT && operatorAt(p, at - 1) === OPTIONAL_DOT)) return;
  if (readWord(p, at, progress) || isWordAt(p, at - 1, WORD.function) || isWordAt(p, at - 1, WORD.class)) return;
  if (isKey(p, at, before) || noteMethod(p, at, progress)) return;
  const isKnown = p.memo.has(at);
  readOperand(p, at);
  const next = operatorAt(p, p.end);
  if (!ASSIGNMENTS.has(next) || p.assigned.has(p.end)) return;
  if (at >= progress.followedUntil) readExpression(p, at);
  else if (!isKnown) p.assigned.add(p.end);
}

/** `key:` of an object literal. */
function isKey(p: Program, at: number, before: number): boolean {
  return operatorAt(p, at + 1) === COLON && (before === OPEN_BRACE || before === COMMA);
}

/** Statements that begin with a word; whether `at` was one, or a word that is no operand. */
function readWord(p: Program, at: number, progress: Progress): boolean {
  const length = p.tokens.end(at) - p.tokens.start(at);
  if (length > 10) return false;
  const word = nameAt(p, at);
  switch (word) {
    case "import":
      return readImport(p, at, progress);
    case "const":
    case "let":
    case "var":
      readPattern(p, at + 1);
      return true;
    case "function":
      noteFunction(p, at, progress);
      return true;
    case "class":
      noteClass(p, at);
      return true;
    case "for":
      readLoop(p, at, progress);
      return true;
    case "async":
      if (operatorAt(p, at + 1) === OPEN_PAREN || nameAt(p, at + 1) !== "") return true;
      return false;
    default:
      return WORDS.has(word);
  }
}

/** `import a, { b as c } from "m"` and `import * as a from "m"`; false for `import(…)`. */
function readImport(p: Program, at: number, progress: Progress): boolean {
  if (operatorAt(p, at + 1) === OPEN_PAREN) return false;
  let from = at + 1;
  while (from < p.length && from - at < MOST_IMPORT && p.tokens.kind(from) !== "string") from++;
  if (p.tokens.kind(from) !== "string" || !isWordAt(p, from - 1, WORD.from)) return true;
  progress.skipUntil = from + 1;
  const module = p.tokens.value(from).replace(/^node:/, "");
  const scope = p.scopes[0]!;
  for (let next = at + 1; next < from - 1; next++) {
    const name = nameAt(p, next);
    if (name === "" || name === "type") continue;
    if (name === "as") {
      const isWhole = operatorAt(p, next - 1) === STAR || isWordAt(p, next - 1, WORD.default);
      scope.set(nameAt(p, next + 1), { kind: "name", name: isWhole ? module : `${module}.${nameAt(p, next - 1)}` });
      next++;
    } else scope.set(name, { kind: "name", name: next === at + 1 ? module : `${module}.${name}` });
  }
  return true;
}

const MOST_IMPORT = 600;

/** `const { a, b: c = d } = value` and `const [a, b] = value` */
function readPattern(p: Program, at: number): void {
  const code = operatorAt(p, at);
  if (code !== OPEN_BRACE && code !== OPEN_BRACKET) return;
  const close = p.mates[at]!;
  if (operatorAt(p, close + 1) !== EQUALS) return;
  const value = p.read(close + 2);
  const scope = p.scopes.at(-1)!;
  let index = 0;
  for (let next = at + 1; next < close; next = skipOperand(p, next)) {
    if (operatorAt(p, next) === COMMA) index++;
    const before = next === at + 1 ? COMMA : operatorAt(p, next - 1);
    // What stands behind `=` is taken where nothing is given.
    if (operatorAt(p, next) === EQUALS) p.assigned.add(next);
    const isMade = code === OPEN_BRACE && operatorAt(p, next) === OPEN_BRACKET;
    const key = isMade ? (wholeText(p.read(next + 1)) ?? "") : readKey(p, next);
    if (before === SPREAD && key !== "" && code === OPEN_BRACE) scope.set(key, value);
    if (before !== COMMA || key === "") continue;
    const name = isMade ? skipOperand(p, next) - 1 : next;
    if (code === OPEN_BRACKET) scope.set(key, value.kind === "list" ? (value.items[index] ?? UNKNOWN) : mixed(value));
    else scope.set(operatorAt(p, name + 1) === COLON ? nameAt(p, name + 2) : key, member(p, value, key));
  }
}

function readKey(p: Program, at: number): string {
  return p.tokens.kind(at) === "string" ? p.tokens.value(at) : nameAt(p, at);
}

function noteFunction(p: Program, at: number, progress: Progress): void {
  let open = at + 1;
  if (operatorAt(p, open) === STAR) open++;
  const name = nameAt(p, open);
  if (name !== "") open++;
  if (operatorAt(p, open) !== OPEN_PAREN) return;
  const body = p.mates[open]! + 1;
  if (operatorAt(p, body) !== OPEN_BRACE) return;
  progress.bodies.set(body, parametersIn(p, open));
  notePlace(p, at, name, body, false);
}

function noteClass(p: Program, at: number): void {
  let body = at + 1;
  while (body < p.length && body - at < 64 && operatorAt(p, body) !== OPEN_BRACE) body = skipOperand(p, body);
  if (operatorAt(p, body) !== OPEN_BRACE) return;
  notePlace(p, at, nameAt(p, at + 1), body, true);
  noteFields(p, nameAt(p, at + 1), body);
}

/** `run = exec;` in a class's body: a member of its objects, or of the class, that runs something. */
function noteFields(p: Program, name: string, open: number): void {
  const last = Math.min(p.mates[open]!, open + MOST_CLASS);
  for (let at = open + 1; at < last; at = skipOperand(p, at)) {
    const given = nameAt(p, at) === "get" ? gotten(p, at) : undefined;
    if (given !== undefined) {
      holdMember(p, { kind: "name", name: "this" }, nameAt(p, at + 1), given);
      if (name !== "") holdMember(p, { kind: "name", name }, nameAt(p, at + 1), given);
    }
    if (operatorAt(p, at + 1) !== EQUALS || p.tokens.kind(at + 2) !== "name" || WORDS.has(nameAt(p, at + 2))) continue;
    const value = p.read(at + 2);
    if (!isDangerousScript(value)) continue;
    holdMember(p, { kind: "name", name: "this" }, nameAt(p, at), value);
    if (name !== "") holdMember(p, { kind: "name", name }, nameAt(p, at), value);
  }
}

/** Tokens of a class's body that are looked through for fields. */
const MOST_CLASS = 4_000;

/** `name(…) {` in a class or object. */
function noteMethod(p: Program, at: number, progress: Progress): boolean {
  if (operatorAt(p, at + 1) !== OPEN_PAREN) return false;
  const body = p.mates[at + 1]! + 1;
  if (operatorAt(p, body) !== OPEN_BRACE || CONTROL.has(nameAt(p, at))) return false;
  progress.bodies.set(body, parametersIn(p, at + 1));
  p.places.push({ from: body, to: Math.min(p.mates[body]! + 1, p.length), name: nameAt(p, at), isClass: false });
  return true;
}

function readLoop(p: Program, at: number, progress: Progress): void {
  const open = operatorAt(p, at + 1) === OPEN_PAREN ? at + 1 : at + 2;
  if (operatorAt(p, open) !== OPEN_PAREN) return;
  if (at >= progress.followedUntil) progress.followedUntil = Math.max(progress.followedUntil, followLoop(p, open - 1));
  const first = /^(?:const|let|var)$/.test(nameAt(p, open + 1)) ? open + 2 : open + 1;
  if (isWordAt(p, first + 1, WORD.of) || isWordAt(p, first + 1, WORD.in)) {
    p.scopes.at(-1)!.set(nameAt(p, first), mixed(p.read(first + 2)));
    return;
  }
  const close = operatorAt(p, first) === OPEN_BRACKET ? p.mates[first]! : 0;
  if (!isWordAt(p, close + 1, WORD.of)) return;
  const source = mixed(p.read(close + 2));
  for (let next = first + 1; next < close; next = skipOperand(p, next))
    if (nameAt(p, next) !== "") p.scopes.at(-1)!.set(nameAt(p, next), source);
}

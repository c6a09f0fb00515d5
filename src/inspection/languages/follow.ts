import { assignPython } from "./assign-python.ts";
import { readExpression } from "./expression.ts";
import { readFrom, readImport } from "./imports-python.ts";
import { knownSet } from "./interned.ts";
import { bindTargets, MOST_SPREAD } from "./literals.ts";
import { truthOf } from "./operators.ts";
import {
  COMMA,
  DOT,
  EQUALS,
  isWordAt,
  nameAt,
  OPEN_BRACE,
  OPEN_PAREN,
  operatorAt,
  operatorCode,
  type Program,
  type Reader,
  SEMICOLON,
  skipOperand,
  WORD,
  withScope,
} from "./program.ts";
import { mayUnhide } from "./rounds.ts";
import { elementsOf, type FunctionValue, listOf, mixed, numberOf, UNKNOWN, type Value, wholeNumber } from "./value.ts";

/** Reads expressions and follows the functions and loops of a file that are simple enough to be followed. */
export const READER: Reader = { read: readExpression, apply };

/** Calls of functions of the file inside each other that are followed. */
const MOST_NESTED = 12;
/** Following a function costs as much as this many expressions. */
const STEPS_PER_CALL = 20;
/** Tokens of a function or loop that is followed. */
const MOST_BODY = 600;

function apply(p: Program, callable: FunctionValue, values: readonly Value[]): Value {
  const { body, bodyEnd, isBlock, parameters } = callable;
  if (p.quiet >= MOST_NESTED || p.steps < 0 || !isFollowable(p, body, bodyEnd, isBlock)) return mixed(...values);
  const { end, callee } = p;
  p.quiet++;
  p.steps -= STEPS_PER_CALL;
  p.callee = undefined;
  try {
    return withScope(p, parameters, given(callable, values), () =>
      isBlock ? (runBlock(p, body, bodyEnd) ?? mixed(...values)) : p.read(body),
    );
  } finally {
    p.quiet--;
    p.end = end;
    p.callee = callee;
  }
}

/** The values of parameters, the last of which may take all that is left. */
function given({ rest }: FunctionValue, values: readonly Value[]): readonly Value[] {
  return rest === undefined ? values : [...values.slice(0, rest), listOf(values.slice(rest))];
}

/** Whether a body has only statements that can be followed; a loop of the file itself must also spell out characters. */
function isFollowable(p: Program, from: number, to: number, isBlock: boolean): boolean {
  const known = p.followable.get(from);
  if (known !== undefined) return known;
  let result = to - from <= MOST_BODY;
  const words = p.isPython ? NOT_FOLLOWED_PYTHON : NOT_FOLLOWED;
  for (let at = from; result && at < to; at++) {
    if (words[p.words.ids[at]!] === 1 && (p.quiet === 0 || isBlock) && operatorAt(p, at - 1) !== DOT) result = false;
  }
  // In a large script only what may make a text is worth it: a short wrapper, or what spells or decodes.
  if (result && p.isSliced && to - from > SHORT) result = makesText(p, from, to);
  p.followable.set(from, result);
  return result;
}

const SPELLS = knownSet(
  "chr unichr ord bytes bytearray fromCharCode fromCodePoint charCodeAt codePointAt charAt int parseInt xor ^".split(
    " ",
  ),
);
const MAKES_TEXT = knownSet("atob unescape decodeURIComponent Buffer join replace reverse fromCharCode ^".split(" "));
/** Tokens of a function that hands its arguments on. */
const SHORT = 40;

/** Something between the tokens makes characters out of numbers or the other way round. */
function spellsCharacters(p: Program, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (SPELLS[p.words.ids[at]!] === 1) return true;
  return false;
}

function makesText(p: Program, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (MAKES_TEXT[p.words.ids[at]!] === 1) return true;
  return false;
}

/** Where following a block ended: a value when it returns one, undefined when it runs off its end; GIVEN_UP otherwise. */
const GIVEN_UP: Value = { kind: "mixed", parts: [] };

/** Follows statements one after the other: assignments, calls, loops over known elements, `return`. */
function runBlock(p: Program, from: number, to: number): Value | undefined {
  for (let at = from; at < to; ) {
    if (p.steps < 0) return GIVEN_UP;
    const kind = p.tokens.kind(at);
    const code = operatorAt(p, at);
    if (
      kind === "newline" ||
      kind === "indent" ||
      kind === "dedent" ||
      code === SEMICOLON ||
      code === OPEN_BRACE ||
      code === CLOSE_BRACE
    ) {
      at++;
      continue;
    }
    if (isWordAt(p, at, WORD.return)) return readReturn(p, at, to);
    const result = isWordAt(p, at, WORD.for) ? runLoop(p, at) : runSimple(p, at);
    if (result !== undefined) return result;
    at = Math.max(p.end, at + 1);
  }
  return undefined;
}

const CLOSE_BRACE = operatorCode("}");

function readReturn(p: Program, at: number, to: number): Value {
  return at + 1 < to && p.tokens.kind(at + 1) !== "newline" ? p.read(at + 1) : UNKNOWN;
}

const NOT_FOLLOWED_PYTHON = knownSet(
  "if while try with def class async switch do throw raise elif else except finally yield match del assert".split(" "),
);
const NOT_FOLLOWED = knownSet(
  "if while try with def class async switch do throw raise elif else except finally yield match import from del assert".split(
    " ",
  ),
);

/** One simple statement; GIVEN_UP when it is none. */
function runSimple(p: Program, at: number): Value | undefined {
  if ((p.isPython ? NOT_FOLLOWED_PYTHON : NOT_FOLLOWED)[p.words.ids[at]!] === 1) return GIVEN_UP;
  if (p.isPython) {
    const isImport = isWordAt(p, at, WORD.import);
    if (isImport || isWordAt(p, at, WORD.from)) {
      p.end = endOfLine(p, isImport ? readImport(p, at) : readFrom(p, at));
      return undefined;
    }
    if (isWordAt(p, at, WORD.global) || isWordAt(p, at, WORD.nonlocal) || isWordAt(p, at, WORD.pass))
      p.end = endOfLine(p, at);
    else if (!assignPython(p, at)) p.read(at);
    p.end = Math.max(p.end, endOfLine(p, p.end));
    return undefined;
  }
  const isDeclaration = isWordAt(p, at, WORD.const) || isWordAt(p, at, WORD.let) || isWordAt(p, at, WORD.var);
  p.read(isDeclaration ? at + 1 : at);
  while (operatorAt(p, p.end) === COMMA) p.read(p.end + 1);
  return undefined;
}

/** Tokens of a line that are looked through for its end: in source, lines are shorter. */
const MOST_LINE = 500;

function endOfLine(p: Program, from: number): number {
  let at = from;
  const last = Math.min(p.length, from + MOST_LINE);
  while (at < last && p.tokens.kind(at) !== "newline" && operatorAt(p, at) !== SEMICOLON) at = skipOperand(p, at);
  return at;
}

/** Follows the loop whose `for` is at `at`; gives what it returns, or GIVEN_UP. Leaves `end` behind the loop. */
function runLoop(p: Program, at: number): Value | undefined {
  return p.isPython ? runPythonLoop(p, at) : runJavaScriptLoop(p, at);
}

/** Follows a loop of the file itself, outside any function that is followed; gives the token after it, 0 when that failed. */
export function followLoop(p: Program, at: number): number {
  const { end, steps } = p;
  const saved = new Map(p.scopes.at(-1));
  p.quiet++;
  const result = runLoop(p, at);
  p.quiet--;
  const after = p.end;
  p.end = end;
  if (result === undefined) return after;
  for (const [name, value] of saved) p.scopes.at(-1)!.set(name, value);
  if (steps - p.steps > MOST_WASTED) p.steps = Math.min(p.steps, steps - MOST_WASTED);
  return 0;
}

const MOST_WASTED = 100_000;

function runPythonLoop(p: Program, at: number): Value | undefined {
  const names: string[] = [];
  let next = at + 1;
  for (; next < p.length && !isWordAt(p, next, WORD.in); next++) {
    if (nameAt(p, next) !== "") names.push(nameAt(p, next));
    if (next - at > 32) return GIVEN_UP;
  }
  const items = elementsOf(p.read(next + 1));
  const body = p.end + 1;
  const to = blockEnd(p, body);
  if (items === undefined || items.length > MOST_SPREAD || !isLoopFollowed(p, body, to)) return GIVEN_UP;
  if (!mayUnhide(p, items, body, to)) return GIVEN_UP;
  for (const item of items) {
    bindTargets(p.scopes.at(-1)!, names, item);
    const result = runBlock(p, body, to);
    if (result !== undefined) return result;
  }
  p.end = to;
  return undefined;
}

function isLoopFollowed(p: Program, body: number, to: number): boolean {
  return isFollowable(p, body, to, true) && (p.quiet > 1 || spellsCharacters(p, body, to));
}

/** The end of the block behind a colon: of the indented lines, or of the line. */
export function blockEnd(p: Program, body: number): number {
  if (p.tokens.kind(body) !== "newline") return endOfLine(p, body);
  return body + 1 < p.length && p.tokens.kind(body + 1) === "indent"
    ? Math.min(p.mates[body + 1]! + 1, p.length)
    : body + 1;
}

const LESS = operatorCode("<");
const LESS_OR_EQUAL = operatorCode("<=");
const INCREMENT = operatorCode("++");
const PLUS_EQUALS = operatorCode("+=");

/** `for (let i = 0; i < n; i++) …` and `for (const x of list) …` */
function runJavaScriptLoop(p: Program, at: number): Value | undefined {
  const open = at + 1;
  if (operatorAt(p, open) !== OPEN_PAREN) return GIVEN_UP;
  const close = p.mates[open]!;
  const first = /^(?:const|let|var)$/.test(nameAt(p, open + 1)) ? open + 2 : open + 1;
  const name = nameAt(p, first);
  const body = close + 1;
  const to = operatorAt(p, body) === OPEN_BRACE ? Math.min(p.mates[body]! + 1, p.length) : endOfStatement(p, body);
  if (name === "" || !isLoopFollowed(p, body, to)) return GIVEN_UP;
  const result = isWordAt(p, first + 1, WORD.of)
    ? overItems(p, name, first + 2, body, to)
    : overNumbers(p, name, first, body, to);
  p.end = to;
  return result;
}

function endOfStatement(p: Program, from: number): number {
  let at = from;
  const last = Math.min(p.length, from + MOST_LINE);
  while (at < last && operatorAt(p, at) !== SEMICOLON) at = skipOperand(p, at);
  return at;
}

function overItems(p: Program, name: string, list: number, body: number, to: number): Value | undefined {
  const items = elementsOf(p.read(list));
  if (items === undefined || items.length > MOST_SPREAD) return GIVEN_UP;
  for (const item of items) {
    p.scopes.at(-1)!.set(name, item);
    const result = runBlock(p, body, to);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Rounds of a loop that counts to a number. */
const MOST_COUNTED = 20_000;

function overNumbers(p: Program, name: string, first: number, body: number, to: number): Value | undefined {
  if (operatorAt(p, first + 1) !== EQUALS) return GIVEN_UP;
  const scope = p.scopes.at(-1)!;
  const start = p.read(first + 2);
  scope.set(name, start);
  const condition = endOfStatement(p, p.end) + 1;
  const step = stepOf(p, name, endOfStatement(p, condition) + 1);
  const compares = operatorAt(p, condition + 1) === LESS || operatorAt(p, condition + 1) === LESS_OR_EQUAL;
  if (wholeNumber(start) === undefined || step === undefined || !compares || nameAt(p, condition) !== name)
    return GIVEN_UP;
  // Tables of all characters are built so; what is hidden goes to the end of a text.
  if (p.tokens.kind(condition + 2) === "number" && Number(p.tokens.text(condition + 2)) > MOST_COUNTED) return GIVEN_UP;
  for (let round = 0; round < MOST_SPREAD; round++) {
    const truth = truthOf(p.read(condition));
    if (truth === undefined) return GIVEN_UP;
    if (!truth) return undefined;
    const result = runBlock(p, body, to);
    if (result !== undefined) return result;
    const now = wholeNumber(scope.get(name));
    if (now === undefined) return GIVEN_UP;
    scope.set(name, numberOf(now + step));
  }
  return GIVEN_UP;
}

function stepOf(p: Program, name: string, at: number): number | undefined {
  if (operatorAt(p, at) === INCREMENT && nameAt(p, at + 1) === name) return 1;
  if (nameAt(p, at) !== name) return undefined;
  if (operatorAt(p, at + 1) === INCREMENT) return 1;
  const step = operatorAt(p, at + 1) === PLUS_EQUALS ? wholeNumber(p.read(at + 2)) : undefined;
  return step !== undefined && step > 0 ? step : undefined;
}

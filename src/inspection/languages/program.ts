import type { SourceFile, Tokens } from "../model.ts";
import type { Call, Reference } from "./calls.ts";
import { idOfKnown, isName, known, type Words, wordsOf } from "./interned.ts";
import { arraysOf, DEDENT, INDENT, OPERATOR, TEMPLATE } from "./tokens.ts";
import { type FunctionValue, type NameValue, UNKNOWN, type Value } from "./value.ts";

/** What reading the calls of a file needs of it. */
export type Lexed = Pick<SourceFile, "kind" | "text" | "tokens">;

/** The state of reading one Python or JavaScript file: a single pass over its tokens in order. */
export interface Program {
  readonly isPython: boolean;
  readonly text: string;
  readonly tokens: Tokens;
  readonly length: number;
  /** Per bracket, indent and, in Python, f-string with holes: the index of its partner; the length where there is none; 0 for other tokens. */
  readonly mates: Int32Array;
  /** The names and operators as numbers, and per token the number. */
  readonly words: Words;
  readonly operators: Int32Array;
  /** Names and what they stand for, outermost scope first. */
  readonly scopes: Map<string, Value>[];
  /** Names that some Python function declares global. */
  readonly globals: Set<string>;
  /** Names of which some member was assigned to. */
  readonly owners: Set<string>;
  /** Names given a value exactly once in the file: where the value begins, for uses above it. */
  readonly later: Map<string, number>;
  /** Values of operands by their first token, and where they end. */
  readonly memo: Map<number, Operand>;
  /** Functions passed to a call, by the first token of their body: their parameters come from that call. */
  readonly callbacks: Map<number, Call>;
  readonly calls: Call[];
  readonly references: Reference[];
  /** What calls and subscripts of the languages gave, by the text. */
  readonly folds: Map<string, Fold>;
  /** Where several tokens give one whole text; kept only when somebody asks to have the file written plainly. */
  readonly made: Made | undefined;
  /** One per token: its reference was recorded. */
  readonly referred: Uint8Array;
  /** Assignments that were carried out, by their first token. */
  readonly assigned: Set<number>;
  /** Functions and classes: where they begin and end, for saying what a call stands in. */
  readonly places: Place[];
  /** By the first token of its body: whether a function or loop is simple enough to follow. */
  readonly followable: Map<number, boolean>;
  /** By the first token of its body: what runs text or starts programs among what a function gives back; null for nothing. */
  readonly returned: Map<number, NameValue | null>;
  /** The loop that is being read was followed already, so nothing in it may change a list again. */
  frozen: boolean;
  /** Only parts of the file are read. */
  isSliced: boolean;
  /** Above zero while a function or loop of the file is followed: nothing is recorded or remembered. */
  quiet: number;
  depth: number;
  /** Steps left for following functions and loops, and characters left for decoders. */
  steps: number;
  characters: number;
  /** The token after the expression that was read last. */
  end: number;
  /** The call whose arguments are being read. */
  callee: Call | undefined;
  /** The call of a function of the file that is being followed, outermost. */
  followed: Call | undefined;
  /** Reads the expression at a token, without commas; `end` tells where it ends. */
  read(at: number): Value;
  /** What a function of the file gives for these arguments, as far as it can be told. */
  apply(callable: FunctionValue, values: readonly Value[]): Value;
}

/** The parts of the reader that call each other through the program. */
export interface Reader {
  read(p: Program, at: number): Value;
  apply(p: Program, callable: FunctionValue, values: readonly Value[]): Value;
}

/** A text that was made from others by functions of the language or the file. */
export interface Fold {
  readonly text: string;
  /** The functions, in order: `b64decode, decompress`. */
  readonly how: string;
  readonly token: number;
  /** Another fold was made from it. */
  isInner: boolean;
}

/** The texts that a file puts together. */
export interface Made {
  readonly texts: MadeText[];
  /** Tokens that may still be read for their sake alone. */
  left: number;
}

/** Tokens of one expression that gives a text or bytes known to the last character. */
export interface MadeText {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly isBytes: boolean;
}

/** A function or class of the file. */
export interface Place {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly isClass: boolean;
}

/** A value that was read, and the index of the token after it. */
export interface Operand {
  readonly value: Value;
  readonly end: number;
}

/** Expressions inside expressions that are followed. */
export const MOST_DEPTH = 120;
/** Expressions in functions and loops that are followed: in scripts, which build tables of characters in loops, fewer. */
const MOST_STEPS = 600_000;
const MOST_STEPS_OF_SCRIPT = 250_000;
const MOST_CHARACTERS = 64 << 20;

/** A fresh program over the tokens of `file`; `made` gathers the texts that it puts together. */
export function openProgram(file: Lexed, isPython: boolean, reader: Reader, made?: Made): Program {
  const { text, tokens } = file;
  const words = wordsOf(file);
  const program: Program = {
    isPython,
    text,
    tokens,
    length: tokens.length,
    mates: isPython ? matchTemplates(matchBrackets(tokens, text), tokens, text) : matchBrackets(tokens, text),
    words,
    operators: words.ids,
    scopes: [new Map()],
    globals: new Set(),
    owners: new Set(),
    later: new Map(),
    memo: new Map(),
    callbacks: new Map(),
    calls: [],
    references: [],
    referred: new Uint8Array(tokens.length),
    assigned: new Set(),
    folds: new Map(),
    made,
    places: [],
    followable: new Map(),
    returned: new Map(),
    frozen: false,
    isSliced: false,
    quiet: 0,
    depth: 0,
    steps: isPython ? MOST_STEPS : MOST_STEPS_OF_SCRIPT,
    characters: MOST_CHARACTERS,
    end: 0,
    callee: undefined,
    followed: undefined,
    read: (at) => reader.read(program, at),
    apply: (callable, values) => reader.apply(program, callable, values),
  };
  return program;
}

/** What looking at single tokens needs. */
export type Cursor = Pick<Program, "tokens" | "text" | "length" | "mates" | "operators">;

/** The operator at `at`, to be compared with `operatorCode`; 0 for tokens of other kinds and outside the file. */
export function operatorAt(p: Cursor, at: number): number {
  const id = at >= 0 && at < p.length ? p.operators[at]! : 0;
  return isName(id) ? 0 : id;
}

/** Per token the number of its operator, 0 for tokens of other kinds: for languages whose names are not compared. */
export function operatorsOf(tokens: Tokens, text: string): Int32Array {
  const operators = new Int32Array(tokens.length);
  for (let at = 0; at < tokens.length; at++) {
    if (tokens.kind(at) === "operator") operators[at] = idOfKnown(text, tokens.start(at), tokens.end(at));
  }
  return operators;
}

/** The number that `operatorAt` gives for an operator; to be called when a module is loaded. */
export function operatorCode(operator: string): number {
  return known(operator);
}

export const OPEN_PAREN = operatorCode("(");
export const CLOSE_PAREN = operatorCode(")");
export const OPEN_BRACKET = operatorCode("[");
export const CLOSE_BRACKET = operatorCode("]");
export const OPEN_BRACE = operatorCode("{");
export const CLOSE_BRACE = operatorCode("}");
export const COMMA = operatorCode(",");
export const COLON = operatorCode(":");
export const SEMICOLON = operatorCode(";");
export const DOT = operatorCode(".");
export const OPTIONAL_DOT = operatorCode("?.");
export const SPREAD = operatorCode("...");
export const EQUALS = operatorCode("=");
export const ARROW = operatorCode("=>");
export const STAR = operatorCode("*");
export const DOUBLE_STAR = operatorCode("**");

/** The name at `at`, or the empty string when the token is no name. */
export function nameAt(p: Program, at: number): string {
  const id = at >= 0 && at < p.length ? p.words.ids[at]! : 0;
  return isName(id) ? p.words.word(id) : "";
}

/** Words of the languages that are asked for by number. */
export const WORD = {
  as: known("as"),
  async: known("async"),
  class: known("class"),
  const: known("const"),
  def: known("def"),
  default: known("default"),
  else: known("else"),
  for: known("for"),
  from: known("from"),
  function: known("function"),
  global: known("global"),
  if: known("if"),
  import: known("import"),
  in: known("in"),
  lambda: known("lambda"),
  let: known("let"),
  nonlocal: known("nonlocal"),
  not: known("not"),
  of: known("of"),
  pass: known("pass"),
  return: known("return"),
  self: known("self"),
  var: known("var"),
  yield: known("yield"),
} as const;

/** Whether the token is the name with the number `word`. */
export function isWordAt(p: Program, at: number, word: number): boolean {
  return at >= 0 && at < p.length && p.words.ids[at] === word;
}

/** The token after the operand at `at`, without reading it. */
export function skipOperand(p: Cursor, at: number): number {
  const mate = p.mates[at] ?? 0;
  return mate > at ? Math.min(mate + 1, p.length) : at + 1;
}

/** Takes `count` characters from what decoders may still read; false when too few are left. */
export function spend(p: Program, count: number): boolean {
  if (count > p.characters) return false;
  p.characters -= count;
  return true;
}

/** One array for the brackets of file after file: files are read one at a time, and as many arrays would fill memory until it is swept. */
let scratch = new Int32Array(1 << 14);

/** See `Program.mates`; brackets of all kinds close each other, because a file may lie. Valid until the next call. */
export function matchBrackets(tokens: Tokens, text: string): Int32Array {
  if (scratch.length < tokens.length) scratch = new Int32Array(tokens.length * 2);
  const mates = scratch.subarray(0, tokens.length).fill(0);
  const open: number[] = [];
  const indents: number[] = [];
  const { codes, ends } = arraysOf(tokens);
  for (let at = 0; at < codes.length; at++) {
    const kind = codes[at]! & 15;
    if (kind === INDENT) indents.push(at);
    else if (kind === DEDENT) pair(mates, indents.pop(), at);
    else if (kind === OPERATOR) {
      const code = text.charCodeAt(ends[at]! - 1);
      if (code === 0x28 || code === 0x5b || code === 0x7b) open.push(at);
      else if (code === 0x29 || code === 0x5d || code === 0x7d) pair(mates, open.pop(), at);
    }
  }
  for (const at of open) mates[at] = tokens.length;
  for (const at of indents) mates[at] = tokens.length;
  return mates;
}

/** Adds the f-strings of Python: the first piece of each is paired with its last. */
function matchTemplates(mates: Int32Array, tokens: Tokens, text: string): Int32Array {
  const open: number[] = [];
  const { codes, starts, ends } = arraysOf(tokens);
  for (let at = 0; at < codes.length; at++) {
    if ((codes[at]! & 15) !== TEMPLATE) continue;
    const first = text.charCodeAt(starts[at]!);
    const opensHole = text.charCodeAt(ends[at]! - 1) === 0x7b;
    // A format that has holes of its own is closed before the hole that it belongs to.
    if (first === 0x3a && opensHole) open.push(FORMAT);
    else if (first !== 0x3a && first !== 0x7d) open.push(at);
    else if (first === 0x7d && !opensHole) {
      const opening = open.pop();
      if (opening !== FORMAT) pair(mates, opening, at);
    }
  }
  for (const at of open) if (at !== FORMAT) mates[at] = tokens.length;
  return mates;
}

const FORMAT = -1;

function pair(mates: Int32Array, opening: number | undefined, closing: number): void {
  if (opening === undefined) return;
  mates[opening] = closing;
  mates[closing] = opening;
}

/** The value of `name` here: of the innermost scope, or of its only assignment further down, or the name itself. */
export function lookUp(p: Program, name: string): Value {
  for (let at = p.scopes.length - 1; at >= 0; at--) {
    const value = p.scopes[at]!.get(name);
    if (value !== undefined) return value;
  }
  const below = p.later.get(name);
  return below === undefined ? { kind: "name", name } : readBelow(p, name, below);
}

function readBelow(p: Program, name: string, at: number): Value {
  p.later.delete(name); // a value that needs itself is not known
  const { end, callee } = p;
  const value = p.read(at);
  p.end = end;
  p.callee = callee;
  p.scopes[0]!.set(name, value);
  return value;
}

/** Reads `read` with `names` bound to `values` in a scope of their own. */
export function withScope<T>(p: Program, names: readonly string[], values: readonly Value[], read: () => T): T {
  p.scopes.push(new Map(names.map((name, at) => [name, values[at] ?? UNKNOWN])));
  try {
    return read();
  } finally {
    p.scopes.pop();
  }
}

/** Remembers that `text` was made from `sources` by `how`; the same text again, or a short one, is not remembered. */
export function noteFold(
  p: Program,
  text: string,
  how: string,
  token: number,
  sources: readonly (string | undefined)[],
): void {
  if (p.quiet > 0 || text.length < SHORTEST_FOLD || p.folds.size >= MOST_FOLDS || p.folds.has(text)) return;
  if (sources.includes(text)) return;
  let before = "";
  for (const source of sources) {
    const fold = source === undefined || source.length < SHORTEST_FOLD ? undefined : p.folds.get(source);
    if (fold === undefined) continue;
    fold.isInner = true;
    before = `${fold.how}, `;
  }
  p.folds.set(text, { text, how: (before + how).slice(-MOST_HOW), token, isInner: false });
}

/** Characters from which a made text may say something. */
const SHORTEST_FOLD = 4;
const MOST_FOLDS = 20_000;
const MOST_HOW = 120;

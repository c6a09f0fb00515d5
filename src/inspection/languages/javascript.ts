import type { Tokens } from "../model.ts";
import {
  classOf,
  codesOf,
  DIGIT,
  HEX,
  isWideSpace,
  isWord,
  LINE,
  SPACE,
  skipNumber,
  skipToLineEnd,
  skipWord,
  WORD,
} from "./characters.ts";
import { javascriptEscapes, javascriptName } from "./escapes.ts";
import {
  ERROR,
  emit,
  NAME,
  NUMBER,
  OPERATOR,
  openSink,
  RAW,
  REGEX,
  type Sink,
  STRING,
  TEMPLATE,
  tokensOf,
} from "./tokens.ts";

interface State {
  readonly text: string;
  /** The characters of the text, and a few more that belong to no token. */
  readonly codes: Uint16Array;
  readonly sink: Sink;
  /** `<!--` is an operator, as in modules, not a comment. */
  readonly isModule: boolean;
  at: number;
  /** The next token stands where an operand may begin, so a slash begins a regular expression. */
  operand: boolean;
  /** What is open, innermost last: PAREN, CONDITION, BRACKET, BLOCK, OBJECT or SUBSTITUTION. */
  readonly open: number[];
  /** A `<` was seen where an operand begins: markup of JSX, which plain JavaScript cannot have. */
  markup: boolean;
  /** Slashes that looked like a regular expression but had no end on the line that ends at `failedLine`. */
  failures: number;
  failedLine: number;
  /** Comments begun by `<!--` or `-->`, and whether an `import` or `export` statement says that these are none. */
  htmlComments: number;
  sawModuleWord: boolean;
}

const PAREN = 0;
const CONDITION = 1; // the parentheses of if, while, for, with: an operand follows them
const BRACKET = 2;
const BLOCK = 3;
const OBJECT = 4;
const SUBSTITUTION = 5; // ${ in a template

/** Regular expressions without an end that are looked for on one line before its slashes all count as division. */
const FAILURES_PER_LINE = 8;

/**
 * The tokens of JavaScript or TypeScript as ECMAScript 2026 reads it, with hashbang, HTML-like comments and, tolerantly, JSX.
 * Linear; never throws. A literal that does not end is one `error` token; an HTML-like comment is one too, so that its
 * text stays visible. https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar
 */
export function lexJavaScript(text: string): Tokens {
  const script = run(text, false);
  // In a module, what follows `<!--` is code, and only later lines may tell that this is a module.
  const state = script.htmlComments > 0 && script.sawModuleWord ? run(text, true) : script;
  return tokensOf(state.sink, text, readJavaScriptValue);
}

function run(text: string, isModule: boolean): State {
  const state: State = {
    text,
    codes: codesOf(text),
    sink: openSink(),
    isModule,
    at: 0,
    operand: true,
    open: [],
    markup: false,
    failures: 0,
    failedLine: -1,
    htmlComments: 0,
    sawModuleWord: false,
  };
  if (text.charCodeAt(0) === 0xfeff) state.at = 1;
  if (text.startsWith("#!", state.at)) state.at = skipToLineEnd(state.codes, state.at, text.length);
  while (state.at < text.length && !state.sink.isCut) readToken(state);
  return state;
}

function readToken(state: State): void {
  const { codes, at } = state;
  const code = codes[at]!;
  const kind = classOf(code);
  if ((kind & (SPACE | LINE)) !== 0) state.at = skipBlanks(codes, at + 1);
  else if ((kind & DIGIT) !== 0) put(state, NUMBER, skipNumber(codes, at), false);
  else if ((kind & WORD) !== 0 || code === 0x24 /* $ */) readName(state, at);
  else if (code === 0x22 || code === 0x27) readString(state, code);
  else if (code === 0x60 /* ` */) readTemplate(state, at + 1, true);
  else if (code === 0x2f /* / */) readSlash(state);
  else if (code === 0x5c /* \ */ && codes[at + 1]! === 0x75) readName(state, at);
  else if (code >= 128) {
    if (isWideSpace(code)) state.at = at + 1;
    else readName(state, at);
  } else readPunctuator(state, code);
}

function skipBlanks(codes: Uint16Array, from: number): number {
  let at = from;
  while ((classOf(codes[at]!) & (SPACE | LINE)) !== 0) at++;
  return at;
}

function put(state: State, code: number, end: number, operand: boolean): void {
  emit(state.sink, code, state.at, end);
  state.at = end;
  state.operand = operand;
}

function readName(state: State, from: number) {
  const { text, codes, at } = state;
  const end = skipName(codes, from);
  if (end === at) return put(state, ERROR, end + 1, false);
  const length = end - at;
  const mayBeKeyword =
    length <= LONGEST_KEYWORD &&
    (SHAPES[(codes[at]! & 127) * 16 + length]! & BEGINS) !== 0 &&
    (SHAPES[(codes[end - 1]! & 127) * 16 + length]! & ENDS) !== 0;
  if (!mayBeKeyword || isAfterDot(state)) return put(state, NAME, end, false);
  const word = text.slice(at, end);
  if (word === "import" || word === "export") noteModule(state, end);
  put(state, NAME, end, BEFORE_OPERAND.has(word));
}

/** `import(` and `import.meta` are expressions; the statements are what makes a module. */
function noteModule(state: State, end: number) {
  const next = /[^\s]/.exec(state.text.slice(end, end + 32))?.[0];
  if (next !== "(" && next !== "." && next !== ":" && next !== "=" && next !== ",") state.sawModuleWord = true;
}

/** Keywords after which an operand, and so a regular expression, may follow. */
const BEFORE_OPERAND: ReadonlySet<string> = new Set(
  "return typeof instanceof in of new delete void throw case do else yield await extends default".split(" "),
);
const LONGEST_KEYWORD = 10;

/** Letter × 16 + length: whether a word that matters begins, or ends, so; most names are then never sliced. */
const SHAPES = new Uint8Array(128 * 16);
const BEGINS = 1;
const ENDS = 2;
for (const word of [...BEFORE_OPERAND, "import", "export"]) {
  SHAPES[word.charCodeAt(0) * 16 + word.length]! |= BEGINS;
  SHAPES[word.charCodeAt(word.length - 1) * 16 + word.length]! |= ENDS;
}

function skipName(codes: Uint16Array, from: number): number {
  let at = from;
  for (;;) {
    at = skipWord(codes, at);
    const code = codes[at]!;
    if (code === 0x24) at++;
    else if (code === 0x5c && codes[at + 1]! === 0x75) {
      const length = escapeLength(codes, at);
      if (length === 0) return at;
      at += length;
    } else return at;
  }
}

/** Characters of `\uXXXX` or `\u{X}` at `at`; 0 when it is neither. */
function escapeLength(codes: Uint16Array, at: number): number {
  const isBraced = codes[at + 2]! === 0x7b;
  const from = isBraced ? at + 3 : at + 2;
  let end = from;
  while (end - from < (isBraced ? 12 : 4) && (classOf(codes[end]!) & HEX) !== 0) end++;
  if (isBraced) return end > from && codes[end]! === 0x7d ? end + 1 - at : 0;
  return end - from === 4 ? 6 : 0;
}

function readString(state: State, quote: number) {
  const { text, codes } = state;
  let at = state.at + 1;
  for (; at < text.length; at++) {
    const code = codes[at]!;
    if (code === quote) return put(state, STRING, at + 1, false);
    if (code === 0x5c) at += codes[at + 1]! === 13 && codes[at + 2]! === 10 ? 2 : 1;
    else if (code === 10 || code === 13) break;
  }
  put(state, ERROR, Math.min(at, text.length), false);
}

/** Reads a piece of a template from `from` to the closing backtick or the next `${`. */
function readTemplate(state: State, from: number, opens: boolean) {
  const { text, codes } = state;
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x60) return put(state, opens ? STRING : TEMPLATE, at + 1, false);
    if (code === 0x5c) at++;
    else if (code === 0x24 && codes[at + 1]! === 0x7b) {
      state.open.push(SUBSTITUTION);
      return put(state, TEMPLATE, at + 2, true);
    }
  }
  put(state, ERROR, text.length, false);
}

function readSlash(state: State): void {
  const { text, codes, at } = state;
  const next = codes[at + 1]!;
  if (next === 0x2f) state.at = skipToLineEnd(codes, at, text.length);
  else if (next === 0x2a) skipComment(state);
  else if (state.operand && !isClosingTag(state)) readRegex(state);
  else put(state, OPERATOR, next === 0x3d ? at + 2 : at + 1, true);
}

function skipComment(state: State): void {
  const end = state.text.indexOf("*/", state.at + 2);
  if (end < 0) put(state, ERROR, state.text.length, false);
  else state.at = end + 2;
}

/** `</name>` and `</>`, in a file that has markup. */
function isClosingTag(state: State): boolean {
  if (!state.markup || state.codes[state.at - 1]! !== 0x3c) return false;
  return /^\/[\w$.:-]{0,100}\s{0,20}>/.test(state.text.slice(state.at, state.at + 124));
}

function readRegex(state: State) {
  const { text, codes, at } = state;
  const end = at < state.failedLine && state.failures >= FAILURES_PER_LINE ? -1 : skipRegex(text, codes, at + 1);
  if (end > 0) return put(state, REGEX, skipWord(codes, end), false);
  if (end < -1) {
    state.failures = at < state.failedLine ? state.failures + 1 : 1;
    state.failedLine = ~end;
  }
  put(state, OPERATOR, at + 1, true);
}

/** The offset after the closing slash, or the complement of the end of the line that has none. */
function skipRegex(text: string, codes: Uint16Array, from: number): number {
  let inClass = false;
  let at = from;
  for (; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x5c) at++;
    else if (code === 10 || code === 13) break;
    else if (code === 0x5b) inClass = true;
    else if (code === 0x5d) inClass = false;
    else if (code === 0x2f && !inClass) return at + 1;
  }
  return ~Math.max(at, 1);
}

function readPunctuator(state: State, code: number) {
  const { codes, at } = state;
  const next = codes[at + 1]!;
  switch (code) {
    case 0x28: // (
      state.open.push(endsInCondition(state) ? CONDITION : PAREN);
      return put(state, OPERATOR, at + 1, true);
    case 0x29: // )
      return put(state, OPERATOR, at + 1, state.open.pop() === CONDITION);
    case 0x5b: // [
      state.open.push(BRACKET);
      return put(state, OPERATOR, at + 1, true);
    case 0x5d: // ]
      state.open.pop();
      return put(state, OPERATOR, at + 1, false);
    case 0x7b: // {
      state.open.push(opensObject(state) ? OBJECT : BLOCK);
      return put(state, OPERATOR, at + 1, true);
    case 0x7d: // }
      return closeBrace(state);
    case 0x2e: // .
      if ((classOf(next) & DIGIT) !== 0) return put(state, NUMBER, skipNumber(codes, at), false);
      return put(state, OPERATOR, next === 0x2e && codes[at + 2]! === 0x2e ? at + 3 : at + 1, true);
    case 0x23: // #private
      return put(state, isWord(next) ? NAME : ERROR, skipName(codes, at + 1), false);
    case 0x2b: // + ++
    case 0x2d: // - --
      return readPlusOrMinus(state, code, next);
    case 0x3c: // <
      return readLess(state, next);
    default:
      return readOther(state, code, next);
  }
}

function closeBrace(state: State): void {
  const closed = state.open.pop();
  if (closed === SUBSTITUTION) readTemplate(state, state.at + 1, false);
  else put(state, OPERATOR, state.at + 1, closed !== OBJECT);
}

/** The last token is if, while, for or with, and no property. */
function endsInCondition({ text, codes, sink }: State): boolean {
  const last = sink.length - 1;
  if (last < 0 || sink.codes[last] !== NAME) return false;
  const start = sink.starts[last]!;
  if (sink.ends[last]! - start > 5 || codes[start - 1]! === 0x2e) return false;
  const word = text.slice(start, sink.ends[last]!);
  if (word === "await" && last > 0) return text.slice(sink.starts[last - 1]!, sink.ends[last - 1]!) === "for";
  return word === "if" || word === "while" || word === "for" || word === "with";
}

/** A brace here opens an object literal, not a block or the body of a function or class. */
function opensObject(state: State): boolean {
  const { text, codes, sink, open } = state;
  const last = sink.length - 1;
  if (!state.operand || last < 0) return false;
  if (sink.codes[last] === NAME) {
    const word = text.slice(sink.starts[last]!, Math.min(sink.ends[last]!, sink.starts[last]! + LONGEST_KEYWORD));
    return word !== "do" && word !== "else";
  }
  const code = codes[sink.ends[last]! - 1]!;
  if (code === 0x3b || code === 0x7b || code === 0x7d || code === 0x29)
    return open.at(-1) === SUBSTITUTION && code === 0x7b;
  if (code === 0x3e && codes[sink.ends[last]! - 2]! === 0x3d) return false; // =>
  return code !== 0x3a || open.at(-1) !== BLOCK; // : of a label or a case
}

function readPlusOrMinus(state: State, code: number, next: number) {
  const { codes, at } = state;
  if (code === 0x2d && next === 0x2d && codes[at + 2]! === 0x3e && !state.isModule && isFirstOnLine(state)) {
    return readHtmlComment(state);
  }
  if (next === code) return put(state, OPERATOR, at + 2, state.operand);
  put(state, OPERATOR, next === 0x3d ? at + 2 : at + 1, true);
}

/** Only blanks stand between the line's start and here. (A comment before `-->` is not looked for.) */
function isFirstOnLine({ codes, at, sink }: State): boolean {
  const from = sink.length === 0 ? 0 : sink.ends[sink.length - 1]!;
  for (let back = at - 1; back >= from; back--) {
    const code = codes[back]!;
    if (code === 10 || code === 13) return true;
    if ((classOf(code) & SPACE) === 0) return false;
  }
  return from === 0;
}

function readHtmlComment(state: State): void {
  state.htmlComments++;
  put(state, ERROR, skipToLineEnd(state.codes, state.at, state.text.length), state.operand);
}

function readLess(state: State, next: number) {
  const { codes, at } = state;
  if (next === 0x21 && codes[at + 2]! === 0x2d && codes[at + 3]! === 0x2d && !state.isModule) {
    return readHtmlComment(state);
  }
  if (state.operand && (isWord(next) || next === 0x3e)) state.markup = true;
  const length = next === 0x3c ? (codes[at + 2]! === 0x3d ? 3 : 2) : next === 0x3d ? 2 : 1;
  put(state, OPERATOR, at + length, true);
}

function readOther(state: State, code: number, next: number) {
  const { codes, at } = state;
  if (code < 33 || code === 0x5c || code === 127) return put(state, ERROR, at + 1, state.operand);
  put(state, OPERATOR, at + operatorLength(codes, at, code, next), true);
}

function operatorLength(codes: Uint16Array, at: number, code: number, next: number): number {
  const third = codes[at + 2]!;
  switch (code) {
    case 0x3d: // = == === =>
      return next === 0x3d ? (third === 0x3d ? 3 : 2) : next === 0x3e ? 2 : 1;
    case 0x21: // ! != !==
      return next === 0x3d ? (third === 0x3d ? 3 : 2) : 1;
    case 0x3f: // ? ?. ?? ??=
      if (next === 0x2e) return (classOf(third) & DIGIT) !== 0 ? 1 : 2;
      return next === code ? (third === 0x3d ? 3 : 2) : 1;
    case 0x26: // & && &&= &=
    case 0x7c: // | || ||= |=
    case 0x2a: // * ** **= *=
      return next === code ? (third === 0x3d ? 3 : 2) : next === 0x3d ? 2 : 1;
    case 0x3e: // > >> >>> with =
      return greaterLength(codes, at);
    case 0x25: // %
    case 0x5e: // ^
      return next === 0x3d ? 2 : 1;
    default:
      return 1;
  }
}

function greaterLength(codes: Uint16Array, at: number): number {
  let length = 1;
  while (length < 3 && codes[at + length]! === 0x3e) length++;
  return codes[at + length]! === 0x3d ? length + 1 : length;
}

/** The last token is `.` or `?.`, so a name here is a member whatever it says. */
function isAfterDot({ codes, sink }: State): boolean {
  const last = sink.length - 1;
  if (last < 0 || sink.codes[last] !== OPERATOR) return false;
  const end = sink.ends[last]!;
  return codes[end - 1]! === 0x2e && end - sink.starts[last]! < 3;
}

/** Names with `\u` escapes resolved; strings and template pieces without delimiters and escapes; others as written. */
function readJavaScriptValue(text: string, code: number, start: number, end: number): string {
  const kind = code & 15;
  if (kind === NAME) return javascriptName(text.slice(start, end));
  if (kind === STRING) return javascriptEscapes(text.slice(start + 1, end - 1));
  if (kind !== TEMPLATE) return text.slice(start, end);
  const closes = text.charCodeAt(end - 1) === 0x60;
  const body = javascriptEscapes(text.slice(start + 1, closes ? end - 1 : end - 2));
  return (code & RAW) !== 0 ? body : body.replaceAll("\r\n", "\n");
}

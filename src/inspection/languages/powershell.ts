import type { Tokens } from "../model.ts";
import {
  BEHIND,
  classOf,
  codesOf,
  DIGIT,
  isWideSpace,
  isWord,
  LINE,
  SPACE,
  skipNumber,
  skipToLineEnd,
  skipWord,
  WORD,
} from "./characters.ts";
import { backtickEscapes } from "./escapes.ts";
import {
  ERROR,
  emit,
  NAME,
  NEWLINE,
  NUMBER,
  OPERATOR,
  openSink,
  RAW,
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
  at: number;
  /** What is open, innermost last: a bracket, or a hole in an expandable string or here-string. */
  readonly open: number[];
}

const BRACKETED = 0;
const HOLE = 1;
const HERE_HOLE = 2;

/**
 * The tokens of PowerShell: `$name`, `-Parameter`, barewords and members are names (value: without backticks, as written
 * otherwise; compare case-insensitively), `@'…'@` and the curly quotes that PowerShell takes for straight ones are strings.
 * Linear; never throws. https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02
 */
export function lexPowerShell(text: string): Tokens {
  const state: State = {
    text,
    codes: codesOf(text),
    sink: openSink(),
    at: text.charCodeAt(0) === 0xfeff ? 1 : 0,
    open: [],
  };
  while (state.at < text.length && !state.sink.isCut) readToken(state);
  return tokensOf(state.sink, text, readPowerShellValue);
}

function readToken(state: State): void {
  const { text, codes, at } = state;
  const code = codes[at]!;
  const kind = classOf(code);
  if ((kind & SPACE) !== 0 || isWideSpace(code)) state.at = at + 1;
  else if ((kind & LINE) !== 0) readLineEnd(state);
  else if ((kind & DIGIT) !== 0) put(state, NUMBER, skipPowerShellNumber(codes, at));
  else if (isSingleQuote(code)) readVerbatim(state);
  else if (isDoubleQuote(code)) readExpandable(state, at + 1, true);
  else if (code === 0x23 /* # */) state.at = skipToLineEnd(codes, at, text.length);
  else if (code === 0x60 /* ` */ && isBlankAt(codes, at + 1)) state.at = at + 2;
  else if (code === 0x24 /* $ */) readVariable(state);
  else if (code === 0x40 /* @ */) readAt(state);
  else if (isDash(code) && isWord(codes[at + 1]!)) put(state, NAME, skipBareword(codes, at + 1, false));
  else if (code === 0x60 || isWord(code)) put(state, NAME, skipBareword(codes, at, !isMember(state)));
  else readOperator(state, code);
}

/** A blank, a line end or the end of the text. */
function isBlankAt(codes: Uint16Array, at: number): boolean {
  const code = codes[at]!;
  return code === BEHIND || (classOf(code) & (LINE | SPACE)) !== 0;
}

function put(state: State, code: number, end: number): void {
  emit(state.sink, code, state.at, end);
  state.at = end;
}

function readLineEnd(state: State): void {
  const { codes, at, sink } = state;
  const isRepeat = sink.length === 0 || sink.codes[sink.length - 1] === NEWLINE;
  if (isRepeat) state.at = at + 1;
  else put(state, NEWLINE, codes[at]! === 13 && codes[at + 1]! === 10 ? at + 2 : at + 1);
}

/** k, m, g, t, p of `10kb` and so on. */
const MULTIPLIERS: ReadonlySet<number> = new Set([0x6b, 0x6d, 0x67, 0x74, 0x70]);

function skipPowerShellNumber(codes: Uint16Array, at: number): number {
  let end = at;
  while ((classOf(codes[end]!) & DIGIT) !== 0) end++;
  if (codes[end]! === 0x2e && codes[end + 1]! === 0x2e) return end; // 1..10
  end = skipNumber(codes, at);
  return (codes[end + 1]! | 32) === 0x62 && MULTIPLIERS.has(codes[end]! | 32) ? end + 2 : end;
}

function isSingleQuote(code: number): boolean {
  return code === 0x27 || (code >= 0x2018 && code <= 0x201b);
}

function isDoubleQuote(code: number): boolean {
  return code === 0x22 || (code >= 0x201c && code <= 0x201e);
}

function isDash(code: number): boolean {
  return code === 0x2d || (code >= 0x2013 && code <= 0x2015);
}

function isMember({ codes, sink, at }: State): boolean {
  if (sink.length === 0) return false;
  const end = sink.ends[sink.length - 1]!;
  const last = codes[end - 1]!;
  return sink.codes[sink.length - 1] === OPERATOR && end === at && (last === 0x2e || last === 0x3a);
}

/** The offset after a bareword or parameter; `withPath` lets it go on over `.`, `/`, `\`, `:` and the like. */
function skipBareword(codes: Uint16Array, from: number, withPath: boolean): number {
  let at = from;
  for (;;) {
    const code = codes[at]!;
    if (code === 0x60 && !isBlankAt(codes, at + 1)) at += 2;
    else if (code === 0x3a && (codes[at + 1]! === 0x3a || !withPath)) return at;
    else if (isBarewordPart(code) || (withPath && isPathPart(code))) at++;
    else if (code === 0x3d && withPath && at - from >= PADDED_FROM) at++;
    else return at;
  }
}

/** Characters of an unquoted word after which `=` is the padding of base64, not an assignment in a hash table. */
const PADDED_FROM = 16;

function isBarewordPart(code: number): boolean {
  if (code === 0x2d) return true;
  return code < 128 ? (classOf(code) & WORD) !== 0 : isWord(code) && !isSingleQuote(code) && !isDoubleQuote(code);
}

/** The characters . / \ : * ? ~ % + = of paths, addresses and base64 written without quotes. */
function isPathPart(code: number): boolean {
  return (
    code === 0x2e || code === 0x2f || code === 0x5c || code === 0x3a || code === 0x2a || code === 0x7e || code === 0x2b
  );
}

function readVariable(state: State) {
  const { text, codes, at } = state;
  const next = codes[at + 1]!;
  if (next === 0x28 /* ( */) {
    state.open.push(BRACKETED);
    return put(state, OPERATOR, at + 2);
  }
  if (next === 0x7b /* { */) {
    const end = text.indexOf("}", at);
    return put(state, end < 0 ? ERROR : NAME, end < 0 ? at + 2 : end + 1);
  }
  if (next === 0x3f || next === 0x24 || next === 0x5e) return put(state, NAME, at + 2);
  let end = skipWord(codes, at + 1);
  if (codes[end]! === 0x3a && isWord(codes[end + 1]!)) end = skipWord(codes, end + 1);
  put(state, end === at + 1 ? OPERATOR : NAME, end);
}

function readAt(state: State) {
  const { text, codes, at } = state;
  const next = codes[at + 1]!;
  if (next === 0x28 || next === 0x7b) {
    state.open.push(BRACKETED);
    return put(state, OPERATOR, at + 2);
  }
  if (isSingleQuote(next) || isDoubleQuote(next)) {
    const body = hereBody(codes, at + 2);
    if (body > 0 && isDoubleQuote(next)) return readHereString(state, body, true);
    if (body > 0) return putHere(state, findHereEnd(text, codes, body - 1, isSingleQuote), STRING | RAW);
  }
  put(state, isWord(next) ? NAME : OPERATOR, isWord(next) ? skipWord(codes, at + 1) : at + 1);
}

/** Where the first line of a here-string begins: after blanks and one line end; 0 when something else follows. */
function hereBody(codes: Uint16Array, from: number): number {
  let at = from;
  while ((classOf(codes[at]!) & SPACE) !== 0) at++;
  if (codes[at]! === 13) at++;
  else if (codes[at]! !== 10) return 0;
  return codes[at]! === 10 ? at + 1 : at;
}

/** The offset after a quote and `@` at the start of a line after `from`; -1 when there is none. */
function findHereEnd(text: string, codes: Uint16Array, from: number, isQuote: (code: number) => boolean): number {
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if ((code === 10 || code === 13) && isQuote(codes[at + 1]!) && codes[at + 2]! === 0x40) return at + 3;
  }
  return -1;
}

function putHere(state: State, end: number, code: number): void {
  put(state, end < 0 ? ERROR : code, end < 0 ? state.text.length : end);
}

function readVerbatim(state: State) {
  const { text, codes } = state;
  for (let at = state.at + 1; at < text.length; at++) {
    if (!isSingleQuote(codes[at]!)) continue;
    if (!isSingleQuote(codes[at + 1]!)) return put(state, STRING | RAW, at + 1);
    at++;
  }
  put(state, ERROR, text.length);
}

/** Reads a double-quoted string, or what follows a hole in it, to its end or to the next `$(`. */
function readExpandable(state: State, from: number, opens: boolean) {
  const { text, codes } = state;
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x60) at++;
    else if (isDoubleQuote(code)) {
      if (!isDoubleQuote(codes[at + 1]!)) return put(state, opens ? STRING : TEMPLATE, at + 1);
      at++;
    } else if (code === 0x24 && codes[at + 1]! === 0x28) {
      state.open.push(HOLE);
      return put(state, TEMPLATE, at + 2);
    }
  }
  put(state, ERROR, text.length);
}

function readHereString(state: State, from: number, opens: boolean) {
  const { text, codes } = state;
  for (let at = opens ? from - 1 : from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x60) at++;
    else if (code === 0x24 && codes[at + 1]! === 0x28) {
      state.open.push(HERE_HOLE);
      return put(state, TEMPLATE, at + 2);
    } else if ((code === 10 || code === 13) && isDoubleQuote(codes[at + 1]!) && codes[at + 2]! === 0x40) {
      return put(state, opens ? STRING : TEMPLATE, at + 3);
    }
  }
  put(state, ERROR, text.length);
}

function readOperator(state: State, code: number) {
  const { codes, at } = state;
  const next = codes[at + 1]!;
  if (code === 0x3c && next === 0x23) return skipBlockComment(state);
  if (code === 0x28 || code === 0x5b || code === 0x7b) state.open.push(BRACKETED);
  else if (code === 0x29 || code === 0x5d || code === 0x7d) {
    const closed = state.open.pop();
    if (closed === HOLE) return readExpandable(state, at + 1, false);
    if (closed === HERE_HOLE) return readHereString(state, at + 1, false);
  }
  const isPair = next === code && (code === 0x3a || code === 0x26 || code === 0x7c || code === 0x2e || code === 0x3e);
  const isAssignment = next === 0x3d && (code === 0x2b || code === 0x2a || code === 0x25 || isDash(code));
  put(state, OPERATOR, isPair || isAssignment ? at + 2 : at + 1);
}

function skipBlockComment(state: State): void {
  const end = state.text.indexOf("#>", state.at + 2);
  if (end < 0) put(state, ERROR, state.text.length);
  else state.at = end + 2;
}

function readPowerShellValue(text: string, code: number, start: number, end: number): string {
  const kind = code & 15;
  const written = text.slice(start, end);
  if (kind === NAME) return readName(written);
  if (kind !== STRING && kind !== TEMPLATE) return written;
  const inside = written.startsWith("@") ? afterFirstLine(written) : written.slice(1);
  if ((code & RAW) !== 0) {
    return written.startsWith("@") ? withoutHereEnd(inside) : inside.slice(0, -1).replace(/['\u2018-\u201b]{2}/g, "'");
  }
  const body = written.endsWith("$(")
    ? inside.slice(0, -2)
    : written.endsWith("@")
      ? withoutHereEnd(inside)
      : inside.slice(0, -1);
  return backtickEscapes(written.startsWith("@") ? body : body.replace(/["\u201c-\u201e]{2}/g, '"'));
}

function readName(written: string): string {
  if (written.startsWith("${")) return `$${written.slice(2, -1)}`;
  const plain = written.includes("`") ? backtickEscapesOfName(written) : written;
  return isDash(plain.charCodeAt(0)) ? `-${plain.slice(1)}` : plain;
}

/** In a bareword a backtick only quotes: I`nvoke is Invoke although `n is a line feed in strings. */
function backtickEscapesOfName(written: string): string {
  return written.replace(/`([\s\S])/g, "$1");
}

function afterFirstLine(written: string): string {
  const line = /\r\n|\n|\r/.exec(written);
  return line === null ? "" : written.slice(line.index + line[0].length);
}

function withoutHereEnd(inside: string): string {
  return inside.slice(0, -2).replace(/(?:\r\n|\n|\r)$/, "");
}

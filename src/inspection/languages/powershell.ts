import type { Tokens } from "../model.ts";
import {
  classOf,
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
  const state: State = { text, sink: openSink(text.length), at: text.charCodeAt(0) === 0xfeff ? 1 : 0, open: [] };
  while (state.at < text.length) readToken(state);
  return tokensOf(state.sink, text, readPowerShellValue);
}

function readToken(state: State): void {
  const { text, at } = state;
  const code = text.charCodeAt(at);
  const kind = classOf(code);
  if ((kind & SPACE) !== 0 || isWideSpace(code)) state.at = at + 1;
  else if ((kind & LINE) !== 0) readLineEnd(state);
  else if ((kind & DIGIT) !== 0) put(state, NUMBER, skipPowerShellNumber(text, at));
  else if (isSingleQuote(code)) readVerbatim(state);
  else if (isDoubleQuote(code)) readExpandable(state, at + 1, true);
  else if (code === 0x23 /* # */) state.at = skipToLineEnd(text, at);
  else if (code === 0x60 /* ` */ && isBlankAt(text, at + 1)) state.at = at + 2;
  else if (code === 0x24 /* $ */) readVariable(state);
  else if (code === 0x40 /* @ */) readAt(state);
  else if (isDash(code) && isWord(text.charCodeAt(at + 1))) put(state, NAME, skipBareword(text, at + 1, false));
  else if (code === 0x60 || isWord(code)) put(state, NAME, skipBareword(text, at, !isMember(state)));
  else readOperator(state, code);
}

/** A blank, a line end or the end of the text. */
function isBlankAt(text: string, at: number): boolean {
  return at >= text.length || (classOf(text.charCodeAt(at)) & (LINE | SPACE)) !== 0;
}

function put(state: State, code: number, end: number): void {
  emit(state.sink, code, state.at, end);
  state.at = end;
}

function readLineEnd(state: State): void {
  const { text, at, sink } = state;
  const isRepeat = sink.length === 0 || sink.codes[sink.length - 1] === NEWLINE;
  if (isRepeat) state.at = at + 1;
  else put(state, NEWLINE, text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1);
}

function skipPowerShellNumber(text: string, at: number): number {
  let end = at;
  while ((classOf(text.charCodeAt(end)) & DIGIT) !== 0) end++;
  if (text.charCodeAt(end) === 0x2e && text.charCodeAt(end + 1) === 0x2e) return end; // 1..10
  end = skipNumber(text, at);
  return /^[kmgtp]b/i.test(text.slice(end, end + 2)) ? end + 2 : end;
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

function isMember({ text, sink, at }: State): boolean {
  if (sink.length === 0) return false;
  const end = sink.ends[sink.length - 1]!;
  const last = text.charCodeAt(end - 1);
  return sink.codes[sink.length - 1] === OPERATOR && end === at && (last === 0x2e || last === 0x3a);
}

/** The offset after a bareword or parameter; `withPath` lets it go on over `.`, `/`, `\`, `:` and the like. */
function skipBareword(text: string, from: number, withPath: boolean): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x60 && !isBlankAt(text, at + 1)) at += 2;
    else if (code === 0x3a && (text.charCodeAt(at + 1) === 0x3a || !withPath)) return at;
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
  const { text, at } = state;
  const next = text.charCodeAt(at + 1);
  if (next === 0x28 /* ( */) {
    state.open.push(BRACKETED);
    return put(state, OPERATOR, at + 2);
  }
  if (next === 0x7b /* { */) {
    const end = text.indexOf("}", at);
    return put(state, end < 0 ? ERROR : NAME, end < 0 ? at + 2 : end + 1);
  }
  if (next === 0x3f || next === 0x24 || next === 0x5e) return put(state, NAME, at + 2);
  let end = skipWord(text, at + 1);
  if (text.charCodeAt(end) === 0x3a && isWord(text.charCodeAt(end + 1))) end = skipWord(text, end + 1);
  put(state, end === at + 1 ? OPERATOR : NAME, end);
}

function readAt(state: State) {
  const { text, at } = state;
  const next = text.charCodeAt(at + 1);
  if (next === 0x28 || next === 0x7b) {
    state.open.push(BRACKETED);
    return put(state, OPERATOR, at + 2);
  }
  if (isSingleQuote(next) || isDoubleQuote(next)) {
    const body = hereBody(text, at + 2);
    if (body > 0 && isDoubleQuote(next)) return readHereString(state, body, true);
    if (body > 0) return putHere(state, findHereEnd(text, body - 1, isSingleQuote), STRING | RAW);
  }
  put(state, isWord(next) ? NAME : OPERATOR, isWord(next) ? skipWord(text, at + 1) : at + 1);
}

/** Where the first line of a here-string begins: after blanks and one line end; 0 when something else follows. */
function hereBody(text: string, from: number): number {
  let at = from;
  while ((classOf(text.charCodeAt(at)) & SPACE) !== 0) at++;
  if (text.charCodeAt(at) === 13) at++;
  else if (text.charCodeAt(at) !== 10) return 0;
  return text.charCodeAt(at) === 10 ? at + 1 : at;
}

/** The offset after a quote and `@` at the start of a line after `from`; -1 when there is none. */
function findHereEnd(text: string, from: number, isQuote: (code: number) => boolean): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code === 10 || code === 13) && isQuote(text.charCodeAt(at + 1)) && text.charCodeAt(at + 2) === 0x40)
      return at + 3;
  }
  return -1;
}

function putHere(state: State, end: number, code: number): void {
  put(state, end < 0 ? ERROR : code, end < 0 ? state.text.length : end);
}

function readVerbatim(state: State) {
  const { text } = state;
  for (let at = state.at + 1; at < text.length; at++) {
    if (!isSingleQuote(text.charCodeAt(at))) continue;
    if (!isSingleQuote(text.charCodeAt(at + 1))) return put(state, STRING | RAW, at + 1);
    at++;
  }
  put(state, ERROR, text.length);
}

/** Reads a double-quoted string, or what follows a hole in it, to its end or to the next `$(`. */
function readExpandable(state: State, from: number, opens: boolean) {
  const { text } = state;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x60) at++;
    else if (isDoubleQuote(code)) {
      if (!isDoubleQuote(text.charCodeAt(at + 1))) return put(state, opens ? STRING : TEMPLATE, at + 1);
      at++;
    } else if (code === 0x24 && text.charCodeAt(at + 1) === 0x28) {
      state.open.push(HOLE);
      return put(state, TEMPLATE, at + 2);
    }
  }
  put(state, ERROR, text.length);
}

function readHereString(state: State, from: number, opens: boolean) {
  const { text } = state;
  for (let at = opens ? from - 1 : from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x60) at++;
    else if (code === 0x24 && text.charCodeAt(at + 1) === 0x28) {
      state.open.push(HERE_HOLE);
      return put(state, TEMPLATE, at + 2);
    } else if (
      (code === 10 || code === 13) &&
      isDoubleQuote(text.charCodeAt(at + 1)) &&
      text.charCodeAt(at + 2) === 0x40
    ) {
      return put(state, opens ? STRING : TEMPLATE, at + 3);
    }
  }
  put(state, ERROR, text.length);
}

function readOperator(state: State, code: number) {
  const { text, at } = state;
  const next = text.charCodeAt(at + 1);
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

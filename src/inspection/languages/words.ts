import type { Tokens } from "../model.ts";
import { classOf, codesOf, isWideSpace, LINE, SPACE, skipToLineEnd } from "./characters.ts";
import {
  ERROR,
  emit,
  NAME,
  NEWLINE,
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
  /** Innermost last: true for `$(` inside double quotes. */
  readonly open: boolean[];
  /** The end word of a here-document that begins on the next line. */
  hereEnd: string;
}

/**
 * The words of a POSIX-like shell script: names (value: without quotes and backslashes), whole-quoted words as strings,
 * operators, newlines; `$(…)` inside double quotes is a hole; a here-document is a string. Linear; never throws.
 */
export function lexShell(text: string): Tokens {
  const state: State = { text, codes: codesOf(text), sink: openSink(), at: 0, open: [], hereEnd: "" };
  if (text.startsWith("#!")) state.at = skipToLineEnd(state.codes, 0, text.length);
  while (state.at < text.length && !state.sink.isCut) readShellToken(state);
  return tokensOf(state.sink, text, readShellValue);
}

/** The words of a Windows batch file: names (value: without quotes and carets), operators, newlines. Linear; never throws. */
export function lexBatch(text: string): Tokens {
  const state: State = { text, codes: codesOf(text), sink: openSink(), at: 0, open: [], hereEnd: "" };
  while (state.at < text.length && !state.sink.isCut) readBatchToken(state);
  return tokensOf(state.sink, text, readBatchValue);
}

function put(state: State, code: number, end: number): void {
  emit(state.sink, code, state.at, end);
  state.at = end;
}

function readShellToken(state: State): void {
  const { text, codes, at } = state;
  const code = codes[at]!;
  const kind = classOf(code);
  if ((kind & SPACE) !== 0 || isWideSpace(code)) state.at = at + 1;
  else if ((kind & LINE) !== 0) readLineEnd(state);
  else if (code === 0x23 /* # */) state.at = skipToLineEnd(codes, at, text.length);
  else if (code === 0x5c && (classOf(codes[at + 1]!) & LINE) !== 0) state.at = at + 2;
  else if (code === 0x22) readDoubleQuotes(state, at + 1);
  else if (isShellOperator(code) || isSubstitution(codes, at)) readShellOperator(state, code);
  else readShellWord(state);
}

function readLineEnd(state: State): void {
  const { codes, at, sink } = state;
  const isRepeat = sink.length === 0 || sink.codes[sink.length - 1] === NEWLINE;
  if (isRepeat) state.at = at + 1;
  else put(state, NEWLINE, at + 1);
  if (state.hereEnd !== "") readHereDocument(state);
  else if (codes[at]! === 13 && codes[at + 1]! === 10) state.at = at + 2;
}

function readHereDocument(state: State) {
  const { text, codes, hereEnd } = state;
  state.hereEnd = "";
  for (let at = state.at; at < text.length; ) {
    const end = skipToLineEnd(codes, at, text.length);
    if (text.slice(at, Math.min(end, at + hereEnd.length + 40)).trim() === hereEnd)
      return put(state, STRING | RAW, end);
    at = end + 1;
  }
  put(state, ERROR, text.length);
}

/** ; & | < > ( ) and the backtick. */
function isShellOperator(code: number): boolean {
  return (
    code === 0x3b ||
    code === 0x26 ||
    code === 0x7c ||
    code === 0x3c ||
    code === 0x3e ||
    code === 0x28 ||
    code === 0x29 ||
    code === 0x60
  );
}

function isSubstitution(codes: Uint16Array, at: number): boolean {
  return codes[at]! === 0x24 && codes[at + 1]! === 0x28;
}

function readShellOperator(state: State, code: number) {
  const { text, codes, at } = state;
  if (code === 0x24 || code === 0x28) {
    state.open.push(false);
    return put(state, OPERATOR, code === 0x24 ? at + 2 : at + 1);
  }
  if (code === 0x29 && state.open.pop() === true) return readDoubleQuotes(state, at + 1);
  let length = codes[at + 1]! === code && code !== 0x29 && code !== 0x60 ? 2 : 1;
  if (code === 0x3c && length === 2) {
    if (codes[at + 2]! === 0x3c) length = 3;
    else state.hereEnd = /^-?[ \t]{0,8}["'\\]?([\w.-]{1,64})/.exec(text.slice(at + 2, at + 80))?.[1] ?? "";
  }
  put(state, OPERATOR, at + length);
}

/** A word that begins with a double quote, or what follows a hole in it. */
function readDoubleQuotes(state: State, from: number) {
  const { text, codes } = state;
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x5c) at++;
    else if (code === 0x22) {
      const isPiece = codes[state.at]! === 0x29;
      const end = isPiece ? at + 1 : skipShellWord(text, codes, at + 1);
      return put(state, isPiece ? TEMPLATE : end === at + 1 ? STRING : NAME, end);
    } else if (isSubstitution(codes, at)) {
      state.open.push(true);
      return put(state, TEMPLATE, at + 2);
    }
  }
  put(state, ERROR, text.length);
}

function readShellWord(state: State): void {
  const { text, codes, at } = state;
  const end = skipShellWord(text, codes, at);
  const quoted = codes[at]! === 0x27 && text.indexOf("'", at + 1) === end - 1;
  put(state, quoted ? STRING | RAW : NAME, end);
}

function skipShellWord(text: string, codes: Uint16Array, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x5c) at++;
    else if (code === 0x27 || code === 0x22) {
      const end = skipQuoted(text, codes, at, code);
      if (end < 0) return text.length;
      at = end;
    } else if ((classOf(code) & (SPACE | LINE)) !== 0 || isShellOperator(code) || isSubstitution(codes, at)) return at;
  }
  return text.length;
}

/** The offset of the closing quote; -1 when there is none. */
function skipQuoted(text: string, codes: Uint16Array, open: number, quote: number): number {
  if (quote === 0x27 && codes[open - 1]! !== 0x24) return text.indexOf("'", open + 1);
  for (let at = open + 1; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x5c) at++;
    else if (code === quote) return at;
  }
  return -1;
}

function readShellValue(text: string, code: number, start: number, end: number): string {
  const kind = code & 15;
  const written = text.slice(start, end);
  if (kind === TEMPLATE) return written.slice(1, written.endsWith("$(") ? -2 : -1).replace(/\\([$`"\\])/g, "$1");
  if (kind === STRING && written.startsWith('"')) return written.slice(1, -1).replace(/\\([$`"\\])/g, "$1");
  if (kind === STRING) return (code & RAW) !== 0 && written.startsWith("'") ? written.slice(1, -1) : written;
  return kind === NAME
    ? written.replace(/\\([\s\S])|'([^']*)'|["']/g, (_, escaped?: string, quoted?: string) => escaped ?? quoted ?? "")
    : written;
}

function readBatchToken(state: State): void {
  const { text, codes, at } = state;
  const code = codes[at]!;
  if ((classOf(code) & LINE) !== 0) readLineEnd(state);
  else if ((classOf(code) & SPACE) !== 0 || code === 0x2c || code === 0x3b || code === 0x3d) state.at = at + 1;
  else if (isBatchComment(state)) state.at = skipToLineEnd(codes, at, text.length);
  else if (isBatchOperator(code)) put(state, OPERATOR, codes[at + 1]! === code ? at + 2 : at + 1);
  else readBatchWord(state);
}

function isBatchComment({ text, at, sink }: State): boolean {
  if (sink.length > 0 && sink.codes[sink.length - 1] !== NEWLINE && sink.codes[sink.length - 1] !== OPERATOR)
    return false;
  return /^(?:::|rem(?:\s|$))/i.test(text.slice(at, at + 4));
}

/** & | < > ( ) @ */
function isBatchOperator(code: number): boolean {
  return (
    code === 0x26 || code === 0x7c || code === 0x3c || code === 0x3e || code === 0x28 || code === 0x29 || code === 0x40
  );
}

function readBatchWord(state: State): void {
  const { text, codes } = state;
  let at = state.at;
  let quoted = false;
  for (; at < text.length; at++) {
    const code = codes[at]!;
    if ((classOf(code) & LINE) !== 0) break;
    if (code === 0x22) quoted = !quoted;
    else if (quoted) continue;
    else if (code === 0x5e /* ^ */) at += codes[at + 1]! === 13 ? 2 : 1;
    else if ((classOf(code) & SPACE) !== 0 || isBatchOperator(code)) break;
  }
  put(state, NAME, Math.min(at, text.length));
}

function readBatchValue(text: string, code: number, start: number, end: number): string {
  const written = text.slice(start, end);
  return (code & 15) === NAME
    ? written.replace(/\^(\r\n|[\s\S])|"/g, (_, kept?: string) => kept?.trim() ?? "")
    : written;
}

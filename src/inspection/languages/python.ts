import type { Tokens } from "../model.ts";
import {
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
import { pythonEscapes } from "./escapes.ts";
import {
  BYTES,
  DEDENT,
  ERROR,
  emit,
  INDENT,
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

/** An open replacement field of an f-string or t-string, and the literal that it belongs to. */
interface Field {
  readonly quote: number;
  readonly triple: boolean;
  readonly code: number;
  /** Bracket depth inside which a closing brace ends the field. */
  readonly depth: number;
  /** The field stands in the format of another field. */
  readonly inFormat: boolean;
}

interface State {
  readonly text: string;
  /** The characters of the text, and a few more that belong to no token. */
  readonly codes: Uint16Array;
  readonly sink: Sink;
  at: number;
  depth: number;
  readonly fields: Field[];
  readonly indents: number[];
  /** The logical line has a token, so its end counts. */
  lineHasToken: boolean;
}

/**
 * The tokens of Python source as CPython 3.14 reads it, and tolerantly what older versions read (`ur""`, backticks).
 * Linear; never throws. A literal that does not end is one `error` token to the end of its line or of the file.
 * https://docs.python.org/3/reference/lexical_analysis.html
 */
export function lexPython(text: string): Tokens {
  const state: State = {
    text,
    codes: codesOf(text),
    sink: openSink(),
    at: text.charCodeAt(0) === 0xfeff ? 1 : 0,
    depth: 0,
    fields: [],
    indents: [0],
    lineHasToken: false,
  };
  readIndent(state);
  while (state.at < text.length && !state.sink.isCut) readToken(state);
  if (state.lineHasToken) emit(state.sink, NEWLINE, text.length, text.length);
  for (let left = state.indents.length; left > 1; left--) emit(state.sink, DEDENT, text.length, text.length);
  return tokensOf(state.sink, text, readPythonValue);
}

function readToken(state: State): void {
  const { text, codes, at } = state;
  const code = codes[at]!;
  const kind = classOf(code);
  if ((kind & SPACE) !== 0) state.at = at + 1;
  else if ((kind & LINE) !== 0) endLine(state);
  else if ((kind & DIGIT) !== 0) put(state, NUMBER, skipNumber(codes, at));
  else if ((kind & WORD) !== 0) readWord(state, code);
  else if (code === 0x23 /* # */) state.at = skipToLineEnd(codes, at, text.length);
  else if (code === 0x22 || code === 0x27) readString(state, at, at, 0);
  else if (code === 0x5c /* \ */) joinLines(state);
  else if (code >= 128) readWide(state, code);
  else if (code === 0x2e && (classOf(codes[at + 1]!) & DIGIT) !== 0) put(state, NUMBER, skipNumber(codes, at));
  else readOperator(state, code);
}

function put(state: State, code: number, end: number): void {
  emit(state.sink, code, state.at, end);
  state.at = end;
  state.lineHasToken = true;
}

function endLine(state: State): void {
  const { codes, at } = state;
  const end = codes[at]! === 13 && codes[at + 1]! === 10 ? at + 2 : at + 1;
  state.at = end;
  if (state.depth > 0 || state.fields.length > 0) return;
  if (state.lineHasToken) emit(state.sink, NEWLINE, at, end);
  state.lineHasToken = false;
  readIndent(state);
}

/** Measures the blanks of a line that has more than blanks and comments; tabs reach to multiples of eight. */
function readIndent(state: State): void {
  const { text, codes, indents, sink } = state;
  let column = 0;
  let at = state.at;
  for (; ; at++) {
    const code = codes[at]!;
    if (code === 32) column++;
    else if (code === 9) column = (column & ~7) + 8;
    else if (code === 12) column = 0;
    else break;
  }
  state.at = at;
  const first = codes[at]!;
  if (at >= text.length || first === 0x23 || first === 10 || first === 13) return;
  if (column > indents.at(-1)!) {
    indents.push(column);
    emit(sink, INDENT, at, at);
  }
  while (column < indents.at(-1)!) {
    indents.pop();
    emit(sink, DEDENT, at, at);
  }
}

function joinLines(state: State): void {
  const next = state.codes[state.at + 1]!;
  if (next === 10) state.at += 2;
  else if (next === 13) state.at += state.codes[state.at + 2]! === 10 ? 3 : 2;
  else put(state, ERROR, state.at + 1);
}

function readWide(state: State, code: number): void {
  if (isWord(code)) readWord(state, code);
  else if (isWideSpace(code)) state.at++;
  else put(state, ERROR, state.at + 1);
}

function readWord(state: State, first: number): void {
  const { codes, at } = state;
  const end = skipWord(codes, at + 1);
  const next = codes[end]!;
  if ((next === 0x22 || next === 0x27) && end - at <= 2 && first < 128) {
    const notes = prefixNotes(codes, at, end);
    if (notes >= 0) {
      readString(state, at, end, notes);
      return;
    }
  }
  put(state, NAME, end);
}

const FORMATTED = 64;

/** RAW, BYTES and FORMATTED of a string prefix of one or two letters; -1 when it is not one. */
function prefixNotes(codes: Uint16Array, start: number, end: number): number {
  let notes = 0;
  for (let at = start; at < end; at++) {
    const letter = codes[at]! | 32;
    if (letter === 0x72 /* r */) notes |= RAW;
    else if (letter === 0x62 /* b */) notes |= BYTES;
    else if (letter === 0x66 || letter === 0x74 /* f, t */) notes |= FORMATTED;
    else if (letter !== 0x75 /* u */) return -1;
  }
  return notes;
}

function readString(state: State, start: number, open: number, notes: number): void {
  const { text, codes } = state;
  const quote = codes[open]!;
  const triple = codes[open + 1]! === quote && codes[open + 2]! === quote;
  const inside = triple ? open + 3 : open + 1;
  state.at = start;
  if ((notes & FORMATTED) !== 0) {
    readPiece(state, inside, quote, triple, notes & RAW, true);
    return;
  }
  const end = skipString(text, codes, inside, quote, triple);
  put(state, end < 0 ? ERROR : STRING | notes, end < 0 ? ~end : end);
}

/** The offset after the closing quotes, or the complement of where the unclosed literal ends. */
function skipString(text: string, codes: Uint16Array, from: number, quote: number, triple: boolean): number {
  for (let at = from; at < text.length; at++) {
    const code = codes[at]!;
    if (code === quote) {
      if (!triple) return at + 1;
      if (codes[at + 1]! === quote && codes[at + 2]! === quote) return at + 3;
    } else if (code === 0x5c) at += skippedByBackslash(codes, at);
    else if ((code === 10 || code === 13) && !triple) return ~at;
  }
  return ~text.length;
}

/** A backslash takes one more character, two when a carriage return and a line feed follow. */
function skippedByBackslash(codes: Uint16Array, at: number): number {
  return codes[at + 1]! === 13 && codes[at + 2]! === 10 ? 2 : 1;
}

/** Reads literal text of an f-string from `from` to its end or to the brace of the next field; the token starts at `state.at`. */
function readPiece(state: State, from: number, quote: number, triple: boolean, code: number, opens: boolean): void {
  const { text, codes } = state;
  for (let at = from; at < text.length; at++) {
    const here = codes[at]!;
    if (here === quote) {
      if (triple && !(codes[at + 1]! === quote && codes[at + 2]! === quote)) continue;
      put(state, (opens ? STRING | FORMATTED : TEMPLATE) | code, triple ? at + 3 : at + 1);
      return;
    }
    if (here === 0x7b /* { */) {
      if (codes[at + 1]! === 0x7b) at++;
      else {
        put(state, TEMPLATE | code, at + 1);
        state.fields.push({ quote, triple, code, depth: state.depth, inFormat: false });
        return;
      }
    } else if (here === 0x5c) {
      const named = code === RAW ? 0 : skippedByName(codes, at);
      if (named > 0) at += named;
      else if (!isBrace(codes[at + 1]!)) at += skippedByBackslash(codes, at);
    } else if ((here === 10 || here === 13) && !triple) {
      put(state, ERROR, at);
      return;
    }
  }
  put(state, ERROR, text.length);
}

function isBrace(code: number): boolean {
  return code === 0x7b || code === 0x7d;
}

/** Characters that `\N{NAME}` has after its backslash, whose braces open no field; 0 when this is no such escape. */
function skippedByName(codes: Uint16Array, at: number): number {
  if (codes[at + 1]! !== 0x4e || codes[at + 2]! !== 0x7b) return 0;
  for (let end = at + 3; end < at + LONGEST_NAME; end++) {
    const code = codes[end]!;
    if (code === 0x7d) return end - at;
    if (code !== 32 && code !== 45 && (classOf(code) & WORD) === 0) return 0;
  }
  return 0;
}

/** More characters than the longest name in Unicode and its brackets have. */
const LONGEST_NAME = 100;

/** At the colon of a field: its format, and what follows when the format has no field of its own. */
function readFormat(state: State): void {
  if (readFormatText(state)) closeField(state);
}

/** At the brace that ends a field: back to the format or the literal that holds the field. */
function closeField(state: State) {
  for (;;) {
    const field = state.fields.pop()!;
    if (!field.inFormat) return readPiece(state, state.at + 1, field.quote, field.triple, field.code, false);
    if (!readFormatText(state)) return;
  }
}

/** Reads the text of a format; true when it ends at the closing brace of its field. */
function readFormatText(state: State): boolean {
  const { text, codes } = state;
  const field = state.fields.at(-1);
  if (field === undefined) return false;
  let at = state.at + 1;
  for (; at < text.length; at++) {
    const code = codes[at]!;
    if (code === 0x7b) {
      put(state, TEMPLATE | RAW, at + 1);
      state.fields.push({ ...field, depth: state.depth, inFormat: true });
      return false;
    }
    if (code === 0x7d || (!field.triple && (code === field.quote || code === 10 || code === 13))) break;
  }
  put(state, TEMPLATE | RAW, at);
  if (codes[at]! === 0x7d) return true;
  abandonField(state);
  return false;
}

/** The literal ends inside a format, which Python refuses: its fields are given up and reading goes on behind it. */
function abandonField(state: State): void {
  while (state.fields.pop()?.inFormat);
  if (state.at < state.text.length && classOf(state.codes[state.at]!) !== LINE) put(state, ERROR, state.at + 1);
}

function readOperator(state: State, code: number) {
  const { codes, at } = state;
  const field = state.fields.at(-1);
  if (field !== undefined && state.depth === field.depth) {
    if (code === 0x7d) return closeField(state);
    if (code === 0x3a) return readFormat(state);
  }
  if (code === 0x28 || code === 0x5b || code === 0x7b) state.depth++;
  else if (code === 0x29 || code === 0x5d || code === 0x7d) {
    if (state.depth > (field?.depth ?? 0)) state.depth--;
  } else if (code < 33 || code === 0x24 || code === 0x3f || code === 127) return put(state, ERROR, at + 1);
  put(state, OPERATOR, at + operatorLength(code, codes[at + 1]!, codes[at + 2]!));
}

function operatorLength(code: number, next: number, third: number): number {
  switch (code) {
    case 0x2a: // * ** *= **=
    case 0x2f: // / // /= //=
    case 0x3e: // > >> >= >>=
    case 0x3c: // < << <= <<= <>
      if (next === code) return third === 0x3d ? 3 : 2;
      return next === 0x3d || (code === 0x3c && next === 0x3e) ? 2 : 1;
    case 0x2d: // - -> -=
      return next === 0x3d || next === 0x3e ? 2 : 1;
    case 0x2e: // . ...
      return next === 0x2e && third === 0x2e ? 3 : 1;
    case 0x21: // ! !=
    case 0x25: // % %=
    case 0x26: // & &=
    case 0x2b: // + +=
    case 0x3a: // : :=
    case 0x3d: // = ==
    case 0x40: // @ @=
    case 0x5e: // ^ ^=
    case 0x7c: // | |=
      return next === 0x3d ? 2 : 1;
    default:
      return 1;
  }
}

/** Names normalised to NFKC as Python compares them, literals without prefix, quotes and escapes, others as written. */
function readPythonValue(text: string, code: number, start: number, end: number): string {
  const kind = code & 15;
  if (kind === NAME) return normalise(text.slice(start, end));
  if (kind !== STRING && kind !== TEMPLATE) return text.slice(start, end);
  const written = text.slice(start, end);
  const inside = written.slice(pieceStart(written), pieceEnd(written));
  const isFormatted = kind === TEMPLATE || (code & FORMATTED) !== 0;
  const body = isFormatted ? inside.replace(/\{\{|\}\}/g, (braces) => braces.charAt(0)) : inside;
  return pythonEscapes(body, (code & BYTES) !== 0, (code & RAW) !== 0);
}

function normalise(name: string): string {
  return /^[\x00-\x7f]*$/.test(name) ? name : name.normalize("NFKC");
}

function pieceStart(written: string): number {
  const first = written.charCodeAt(0);
  if (first === 0x7d) return 1;
  if (first === 0x3a) return 0;
  const open = /["']/.exec(written)?.index ?? 0;
  return open + quotesAt(written, open);
}

function pieceEnd(written: string): number {
  const last = written.charCodeAt(written.length - 1);
  if (last === 0x7b) return written.length - 1;
  if (last !== 0x22 && last !== 0x27) return written.length;
  return written.length - (written.endsWith(String.fromCharCode(last).repeat(3)) ? 3 : 1);
}

function quotesAt(written: string, open: number): number {
  return written.slice(open, open + 3) === written.charAt(open).repeat(3) ? 3 : 1;
}

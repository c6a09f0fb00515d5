import type { TokenKind, Tokens } from "../model.ts";
import { detached } from "./detached.ts";

/** Kinds as numbers, in the lower four bits of a token's code; the upper bits are the lexer's own notes. */
export const NAME = 0;
export const STRING = 1;
export const NUMBER = 2;
export const OPERATOR = 3;
export const NEWLINE = 4;
export const INDENT = 5;
export const DEDENT = 6;
export const TEMPLATE = 7;
export const REGEX = 8;
export const ERROR = 9;

/** Notes on strings and template pieces: backslashes are plain; the value is bytes. */
export const RAW = 16;
export const BYTES = 32;

const KINDS: readonly TokenKind[] = [
  "name",
  "string",
  "number",
  "operator",
  "newline",
  "indent",
  "dedent",
  "template",
  "regex",
  "error",
];

/** Where a lexer puts its tokens; grows by doubling. */
export interface Sink {
  codes: Uint8Array;
  starts: Uint32Array;
  ends: Uint32Array;
  length: number;
  /** Tokens came that there was no room for. */
  isCut: boolean;
}

/** Gives the value of the token with `code` that covers `start` to `end` of the text. */
export type ReadValue = (text: string, code: number, start: number, end: number) => string;

/** Tokens up to which one set of arrays is filled again and again; what is kept of a file is copied in its own size. */
const KEPT = 1 << 18;
/** Tokens of one text; a script of fifteen megabytes has as many. */
export const MOST_TOKENS = 6_000_000;
let kept = arraysFor(KEPT >> 4);

/** An empty sink; valid until the next one is opened. */
export function openSink(): Sink {
  return { codes: kept.codes, starts: kept.starts, ends: kept.ends, length: 0, isCut: false };
}

/** Appends one token; drops it when there are MOST_TOKENS. */
export function emit(sink: Sink, code: number, start: number, end: number): void {
  const at = sink.length;
  if (at === sink.codes.length && !grow(sink)) return;
  sink.codes[at] = code;
  sink.starts[at] = start;
  sink.ends[at] = end;
  sink.length = at + 1;
}

/** What the tokens of a lexer are kept in, for loops over all of them: asking token by token costs several times as much. */
export interface TokenArrays {
  /** The kind in the lower four bits. */
  readonly codes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The arrays of tokens that a lexer gave. */
export function arraysOf(tokens: Tokens): TokenArrays {
  return (tokens as Tokens & { readonly arrays: TokenArrays }).arrays;
}

/** The tokens gathered in `sink`. */
export function tokensOf(sink: Sink, text: string, readValue: ReadValue): Tokens & { readonly arrays: TokenArrays } {
  const { length } = sink;
  const arrays = copied(sink);
  const { codes, starts, ends } = arrays;
  return {
    arrays,
    length,
    ...(sink.isCut && { isCut: true }),
    kind: (index) => KINDS[codes[index]! & 15] ?? "error",
    start: (index) => starts[index] ?? text.length,
    end: (index) => ends[index] ?? text.length,
    text: (index) => (index < length ? detached(text.slice(starts[index]!, ends[index]!), text) : ""),
    value: (index) =>
      index < length ? detached(readValue(text, codes[index]!, starts[index]!, ends[index]!), text) : "",
  };
}

function copied(sink: Sink) {
  const { length } = sink;
  const arrays = arraysFor(length);
  arrays.codes.set(sink.codes.subarray(0, length));
  arrays.starts.set(sink.starts.subarray(0, length));
  arrays.ends.set(sink.ends.subarray(0, length));
  return arrays;
}

/** One allocation for the three, because most files are small. */
function arraysFor(room: number) {
  const buffer = new ArrayBuffer(room * 9);
  const starts = new Uint32Array(buffer, 0, room);
  const ends = new Uint32Array(buffer, room * 4, room);
  return { starts, ends, codes: new Uint8Array(buffer, room * 8, room) };
}

function grow(sink: Sink): boolean {
  if (sink.length === MOST_TOKENS) {
    sink.isCut = true;
    return false;
  }
  const arrays = arraysFor(Math.min(sink.codes.length * 2, MOST_TOKENS));
  arrays.codes.set(sink.codes);
  arrays.starts.set(sink.starts);
  arrays.ends.set(sink.ends);
  sink.codes = arrays.codes;
  sink.starts = arrays.starts;
  sink.ends = arrays.ends;
  if (arrays.codes.length <= KEPT) kept = arrays;
  return true;
}

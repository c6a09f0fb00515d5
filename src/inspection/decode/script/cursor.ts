import { lexJavaScript } from "../../languages/javascript.ts";
import type { TokenKind, Tokens } from "../../model.ts";
import type { FunctionNode, Names } from "./nodes.ts";

/** The script cannot be parsed, or is larger or deeper than the bounds. */
export class Unreadable extends Error {}

/** Where parsing stands. */
export interface Cursor {
  readonly text: string;
  readonly tokens: Tokens;
  at: number;
  depth: number;
  /** `in` ends an expression: the head of a `for`. */
  noIn: boolean;
  /** Of the function around. */
  names: Names;
  readonly functions: FunctionNode[];
}

/** Tokens of a script that is parsed, and parts inside each other. */
const MOST_TOKENS = 150_000;
const MOST_DEPTH = 300;

/** A cursor at the first token. Throws `Unreadable` for scripts with more tokens than the bound. */
export function openCursor(text: string, lexed?: Tokens, most = MOST_TOKENS): Cursor {
  const tokens = lexed ?? lexJavaScript(text);
  if (tokens.length > most) throw new Unreadable("too many tokens");
  return {
    text,
    tokens,
    at: 0,
    depth: 0,
    noIn: false,
    names: { vars: [], functions: [], usesArguments: false },
    functions: [],
  };
}

/** Throws `Unreadable` with the place where parsing stands. */
export function fail(c: Cursor): never {
  throw new Unreadable(`at token ${c.at}`);
}

/** What the token is; `end` behind the last one. */
export function kind(c: Cursor, at = c.at): TokenKind | "end" {
  return at < c.tokens.length ? c.tokens.kind(at) : "end";
}

/** The token as written; empty behind the last one. */
export function word(c: Cursor, at = c.at): string {
  return at < c.tokens.length ? c.tokens.text(at) : "";
}

/** Whether the token is this operator or word, and no string. */
export function is(c: Cursor, text: string, at = c.at): boolean {
  if (at >= c.tokens.length) return false;
  const start = c.tokens.start(at);
  if (c.tokens.end(at) - start !== text.length || !c.text.startsWith(text, start)) return false;
  const what = c.tokens.kind(at);
  return what === "operator" || what === "name";
}

/** Goes past the token when it is this one. */
export function skip(c: Cursor, text: string): boolean {
  if (!is(c, text)) return false;
  c.at++;
  return true;
}

/** Goes past the token when it is this one; throws `Unreadable` when it is not. */
export function expect(c: Cursor, text: string): void {
  if (!skip(c, text)) fail(c);
}

/** Where the token begins in the text; the end of the text behind the last one. */
export function startOf(c: Cursor, at = c.at): number {
  return at < c.tokens.length ? c.tokens.start(at) : c.text.length;
}

/** Where the token before the cursor ends. */
export function endOf(c: Cursor): number {
  return c.at === 0 ? 0 : c.tokens.end(c.at - 1);
}

/** A line ends between the token before and this one. */
export function isOnNewLine(c: Cursor, at = c.at): boolean {
  if (at === 0) return true;
  for (let place = c.tokens.end(at - 1); place < startOf(c, at); place++) {
    const code = c.text.charCodeAt(place);
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) return true;
  }
  return false;
}

/** Runs `read` one level deeper. */
export function deeper<T>(c: Cursor, read: () => T): T {
  if (++c.depth > MOST_DEPTH) fail(c);
  const result = read();
  c.depth--;
  return result;
}

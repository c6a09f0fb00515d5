import { known } from "./interned.ts";
import type { Program } from "./program.ts";
import {
  COLON,
  COMMA,
  EQUALS,
  isWordAt,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  operatorAt,
  operatorCode,
} from "./program.ts";
import type { Value } from "./value.ts";

/** Longer texts are programs of their own, which layers hold already. */
const LONGEST = 65_536;
const MOST = 20_000;

/** Remembers that the tokens from `at` to where reading stands give a text, when several do and all of it is known. */
export function noteMade(p: Program, at: number, value: Value): void {
  const { made, end } = p;
  if (made === undefined || p.quiet > 0 || end <= at + 1 || made.texts.length >= MOST) return;
  const isBytes = value.kind === "bytes";
  if (!isBytes && !(value.kind === "text" && value.whole)) return;
  // A chain of names is what the file calls it; and what stands before `=` is where a value goes.
  if (value.text.length > LONGEST || p.tokens.kind(end - 1) === "name" || isTarget(p, end)) return;
  made.texts.push({ from: at, to: end, text: value.text, isBytes });
}

function isTarget(p: Program, at: number): boolean {
  return operatorAt(p, at) !== 0 && ASSIGNS.test(p.tokens.text(at));
}

const ASSIGNS = /^(?:[-+*/%&|^@]|\*\*|\/\/|<<|>>|&&|\|\||\?\?|:)?=$/;

/** Reads the literal at `at` with what is done with it, where nothing before it binds tighter. */
export function readMade(p: Program, at: number): void {
  const { made } = p;
  if (made === undefined || made.left <= 0 || at < (made.texts.at(-1)?.to ?? 0)) return;
  const before = operatorAt(p, at - 1);
  if (before === 0 ? !WORDS.some((word) => isWordAt(p, at - 1, word)) : !WEAK.has(before)) return;
  const { end } = p;
  p.read(at);
  made.left -= p.end - at;
  p.end = end;
}

/** What may stand before an operand that begins an expression, or goes on with one by `+`. */
const WEAK: ReadonlySet<number> = new Set([
  ...[OPEN_PAREN, OPEN_BRACKET, OPEN_BRACE, COMMA, COLON, EQUALS],
  ...["+", "+=", "==", "===", "!=", "!==", "?", "=>", "&&", "||", "??"].map(operatorCode),
]);
const WORDS: readonly number[] = "return in and or not if elif else yield case".split(" ").map(known);

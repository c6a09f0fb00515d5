import { join, textual } from "./operators.ts";
import { type Program, skipOperand } from "./program.ts";
import { type TextValue, textOf, UNKNOWN, type Value } from "./value.ts";

/** Adjacent string literals as one text; in Python bytes stay bytes. */
export function readStrings(p: Program, at: number): Value {
  const { tokens } = p;
  if (!p.isPython || tokens.kind(at + 1) !== "string") {
    p.end = at + 1;
    return isTemplateStart(p, at + 1) ? readTemplates(p, at) : literal(p, at);
  }
  const pieces: string[] = [];
  let end = at;
  while (end < p.length && tokens.kind(end) === "string") pieces.push(tokens.value(end++));
  p.end = end;
  if (isTemplateStart(p, end)) return readTemplates(p, at);
  const text = pieces.join("");
  return isBytes(p, at) ? { kind: "bytes", text } : textOf(text);
}

function literal(p: Program, at: number): Value {
  const text = p.tokens.value(at);
  return isBytes(p, at) ? { kind: "bytes", text } : textOf(text);
}

function isBytes(p: Program, at: number): boolean {
  if (!p.isPython) return false;
  const start = p.tokens.start(at);
  const first = p.text.charCodeAt(start) | 32;
  return first === 0x62 || (first === 0x72 && (p.text.charCodeAt(start + 1) | 32) === 0x62);
}

/** Whether an f-string with holes begins at `at`; never in JavaScript. */
export function isTemplateStart(p: Program, at: number): boolean {
  return p.isPython && at < p.length && p.tokens.kind(at) === "template" && !isContinuation(p, at);
}

function isContinuation(p: Program, at: number): boolean {
  const first = p.text.charCodeAt(p.tokens.start(at));
  return first === 0x7d || first === 0x3a;
}

function isHoleOpen(p: Program, at: number): boolean {
  return p.text.charCodeAt(p.tokens.end(at) - 1) === 0x7b;
}

/** A template or f-string with holes, and in Python the literals beside it. */
export function readTemplates(p: Program, at: number): Value {
  let value: TextValue = textOf("");
  let next = at;
  do {
    const isString = p.tokens.kind(next) === "string";
    // Whoever comes to a literal in the middle need not read the rest once more.
    if (!isString && next !== at && p.quiet === 0) p.memo.set(next, { value: UNKNOWN, end: skipOperand(p, next) });
    value = join(value, isString ? textOf(p.tokens.value(next)) : readTemplate(p, next));
    next = isString ? next + 1 : p.end;
  } while (p.isPython && next < p.length && (p.tokens.kind(next) === "string" || isTemplateStart(p, next)));
  p.end = next;
  return value;
}

function readTemplate(p: Program, at: number): TextValue {
  let value = textOf(p.tokens.value(at));
  let piece = at;
  while (piece < p.length && isHoleOpen(p, piece)) {
    const hole = p.read(piece + 1);
    piece = skipToPiece(p, Math.max(p.end, piece + 1));
    value = join(value, textual(hole, p.isPython));
    if (piece >= p.length) break;
    value = join(value, textOf(p.tokens.value(piece)));
  }
  p.end = Math.max(Math.min(piece + 1, p.length), p.isPython ? skipOperand(p, at) : 0);
  return value;
}

/** The piece that goes on after a hole, behind a conversion and a format. */
function skipToPiece(p: Program, from: number): number {
  let at = nextPiece(p, from);
  if (at >= p.length || p.text.charCodeAt(p.tokens.start(at)) !== 0x3a) return at;
  while (at < p.length && isHoleOpen(p, at)) {
    p.read(at + 1);
    at = nextPiece(p, Math.max(p.end, at + 1));
  }
  return at + 1;
}

function nextPiece(p: Program, from: number): number {
  let at = from;
  for (let left = MOST_SKIPPED; at < p.length && left > 0; left--) {
    // An f-string that begins here is inside the hole; one without an end leaves no piece to go on with.
    if (p.tokens.kind(at) === "template" && !isTemplateStart(p, at)) return at;
    at = skipOperand(p, at);
  }
  return p.isPython ? p.length : at;
}

/** Tokens passed over in a hole that does not read as an expression. */
const MOST_SKIPPED = 2_000;

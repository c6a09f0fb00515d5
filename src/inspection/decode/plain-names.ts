import type { SourceFile, Tokens } from "../model.ts";

/** The file with its names and escaped literals spelt plainly. */
export interface PlainNames {
  readonly text: string;
  readonly kind: SourceFile["kind"];
  readonly offset: number;
  readonly how: string;
}

/**
 * The source with each name as the language compares it, when some name is written otherwise: look-alike letters that Python
 * normalises, `\u` escapes in JavaScript, backticks in PowerShell, quotes and carets in shell words. Undefined when all are plain.
 * Searches for words then find what an interpreter finds.
 */
export function plainNames(file: Pick<SourceFile, "kind" | "text" | "tokens">): PlainNames | undefined {
  const { tokens, text } = file;
  if (!MAY_DIFFER.test(text)) return undefined;
  const pieces: string[] = [];
  let last = 0;
  let first = -1;
  for (const at of namesThatMayDiffer(file)) {
    const start = tokens.start(at);
    const end = tokens.end(at);
    const value = tokens.value(at);
    if (value.length === end - start || !ASCII.test(value) || end - start > LONGEST) {
      if (value.length !== end - start || !ASCII.test(value) || text.startsWith(value, start)) continue;
    }
    if (first < 0) first = start;
    pieces.push(text.slice(last, start), value);
    last = end;
  }
  if (first < 0) return undefined;
  pieces.push(text.slice(last));
  return { text: pieces.join(""), kind: file.kind, offset: first, how: "names written plainly" };
}

/** The name tokens that may be written in another way than they read: in languages where only few characters do that, those that have one. */
function* namesThatMayDiffer({ kind, text, tokens }: Pick<SourceFile, "kind" | "text" | "tokens">): Iterable<number> {
  const marks = MARKS[kind];
  if (marks === undefined) {
    for (let at = 0; at < tokens.length; at++) if (tokens.kind(at) === "name") yield at;
    return;
  }
  let low = 0;
  marks.lastIndex = 0;
  for (let match = marks.exec(text); match !== null && low < tokens.length; match = marks.exec(text)) {
    low = tokenAround(tokens, match.index, low);
    if (tokens.start(low) > match.index || tokens.end(low) <= match.index) continue;
    const end = tokens.end(low);
    if (tokens.kind(low) === "name") yield low;
    marks.lastIndex = Math.max(end, match.index + 1);
  }
}

const WIDE = /[^\0-\x7f]/g;
const ESCAPE = /\\u/g;
const MARKS: Readonly<Partial<Record<SourceFile["kind"], RegExp>>> = {
  python: WIDE,
  pth: WIDE,
  javascript: ESCAPE,
  typescript: ESCAPE,
};

/** The last token from `from` on that begins at `offset` or before; `from` when none does. */
function tokenAround(tokens: Tokens, offset: number, from: number): number {
  let low = from;
  let high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (tokens.start(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Something that lets a name be written in two ways: letters outside ASCII, escapes, backticks, carets, quotes. */
const MAY_DIFFER = /[\u0080-\uffff\\`^]|\w["']|["']\w/;
const ASCII = /^[\x20-\x7e]+$/;
const LONGEST = 200;

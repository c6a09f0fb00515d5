import type { SourceFile } from "../model.ts";

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
  for (let at = 0; at < tokens.length; at++) {
    if (tokens.kind(at) !== "name") continue;
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

/** Something that lets a name be written in two ways: letters outside ASCII, escapes, backticks, carets, quotes. */
const MAY_DIFFER = /[\u0080-\uffff\\`^]|\w["']|["']\w/;
const ASCII = /^[\x20-\x7e]+$/;
const LONGEST = 200;

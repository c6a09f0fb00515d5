import { READER } from "./follow.ts";
import { type Lexed, type Made, type MadeText, openProgram, type Program } from "./program.ts";
import { readJavaScript } from "./read-javascript.ts";
import { readPython } from "./read-python.ts";
import { isTemplateStart } from "./strings.ts";

/**
 * The texts that a Python or JavaScript file puts together from several tokens, outermost expressions only, in order: at most 20,000,
 * each at most 65,536 characters. Reads the file once more, so it is to be asked of few.
 */
export function madeTexts(file: Lexed): readonly MadeText[] {
  const isPython = file.kind === "python" || file.kind === "pth";
  if (file.tokens.length === 0) return [];
  const made: Made = { texts: [], left: MOST_TOKENS };
  const program = openProgram(file, isPython, READER, made);
  if (isPython) readPython(program);
  else readJavaScript(program);
  return outermost(made.texts, program);
}

/** Long chains of pieces that are not known would be read from each of them. */
const MOST_TOKENS = 200_000;

/** Those inside no other; nor inside an f-string, whose quotes they might end. */
function outermost(made: readonly MadeText[], p: Program): MadeText[] {
  const found: MadeText[] = [];
  let last = 0;
  let template = 0;
  let seen = 0;
  for (const one of made.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    for (; seen < one.from; seen++) if (isTemplateStart(p, seen)) template = Math.max(template, p.mates[seen]!);
    if (one.from < last || one.from < template) continue;
    found.push(one);
    last = one.to;
  }
  return found;
}

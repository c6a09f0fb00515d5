import { idAt, isName, known, knownSet, wordsOf } from "../languages/interned.ts";
import type { SourceFile } from "../model.ts";
import type { Statement } from "./statements.ts";

const EQUALS = known("=");
const LAMBDA = known("lambda");
const COLON = known(":");
const COMMA = known(",");
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");
/** Tokens of one lambda that are looked through. */
const MOST_TOKENS = 2_000;

/**
 * The name of `name = lambda a, b: …` when nothing of the statement but making the function runs where it stands: no default is
 * worked out and no value stands beside it. Such a line is a function like any other.
 */
export function lambdaName(file: SourceFile, { first, end }: Statement): string | undefined {
  if (file.kind !== "python") return undefined;
  const { ids, word } = wordsOf(file);
  const isLambda = isName(idAt(ids, first)) && idAt(ids, first + 1) === EQUALS && idAt(ids, first + 2) === LAMBDA;
  if (!isLambda || end - first > MOST_TOKENS) return undefined;
  const body = bodyOf(ids, first + 3, end);
  return body !== -1 && !hasValueBeside(ids, body, end) ? word(idAt(ids, first)) : undefined;
}

/** Index of the token behind the colon of parameters that are nothing but names; -1 when they are more. */
function bodyOf(ids: Int32Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const id = idAt(ids, at);
    if (id === COLON) return at + 1;
    if (id !== COMMA && !isName(id)) return -1;
  }
  return -1;
}

/** Whether a comma outside all brackets makes the lambda one of several values. */
function hasValueBeside(ids: Int32Array, from: number, end: number): boolean {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const id = idAt(ids, at);
    if (OPENING[id] === 1) depth++;
    else if (CLOSING[id] === 1) depth--;
    else if (id === COMMA && depth === 0) return true;
  }
  return false;
}

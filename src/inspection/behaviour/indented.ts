import { idAt, known, knownSet, type Words } from "../languages/interned.ts";
import type { Tokens } from "../model.ts";
import { inside, namesBetween } from "./names.ts";
import type { Declared, Statement } from "./statements.ts";

const SEMICOLON = known(";");
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");
const IF = known("if");
const CLASS = known("class");
const ASYNC = known("async");
const DEF = known("def");
const DUNDER_NAME = known("__name__");

/** The statements of a Python file. */
export function readIndented(tokens: Tokens, words: Words): Statement[] {
  const { ids } = words;
  const found: Statement[] = [];
  const scopes: { readonly path: string; readonly depth: number }[] = [];
  let depth = 0;
  let brackets = 0;
  let first = 0;
  for (let at = 0; at <= tokens.length; at++) {
    const kind = at < tokens.length ? tokens.kind(at) : "newline";
    if (kind === "operator") {
      const id = ids[at]!;
      if (OPENING[id] === 1) brackets++;
      else if (CLOSING[id] === 1) brackets--;
      if (id !== SEMICOLON || brackets > 0) continue;
    } else if (kind !== "newline" && kind !== "indent" && kind !== "dedent") continue;
    if (at > first) {
      const scope = scopes.at(-1)?.path ?? "";
      const declares = readFunction(words, first, at);
      found.push({ first, end: at, scope, ...(declares && { declares }) });
      if (declares !== undefined) scopes.push({ path: inside(scope, declares.name), depth });
    }
    if (kind === "newline") {
      brackets = 0;
      const next = at + 1 < tokens.length ? tokens.kind(at + 1) : "newline";
      if (next !== "indent" && scopes.at(-1)?.depth === depth) scopes.pop();
    }
    if (kind === "indent") depth++;
    if (kind === "dedent") {
      depth--;
      while (scopes.length > 0 && scopes.at(-1)!.depth >= depth) scopes.pop();
    }
    first = at + 1;
  }
  return found;
}

function readFunction(words: Words, first: number, end: number): Declared | undefined {
  const { ids, word } = words;
  const head = idAt(ids, first);
  // What stands under `if __name__ == "__main__"` does not run when the module is imported.
  if (head === IF && mentions(ids, first, Math.min(end, first + 40), DUNDER_NAME))
    return { name: "__main__", parameters: [], whole: true };
  if (head === CLASS) return { name: `#${word(idAt(ids, first + 1))}`, parameters: [], whole: true };
  const at = head === ASYNC ? first + 1 : first;
  if (idAt(ids, at) !== DEF || at + 1 >= end) return undefined;
  return { name: word(idAt(ids, at + 1)), parameters: namesBetween(words, at + 2, end), whole: true };
}

function mentions(ids: Int32Array, from: number, end: number, id: number): boolean {
  for (let at = from; at < end; at++) if (ids[at] === id) return true;
  return false;
}

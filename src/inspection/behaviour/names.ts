import { idAt, isName, known, knownSet, type Words } from "../languages/interned.ts";

/** Words of Python and JavaScript that name nothing, by number. */
export const KEYWORDS: Uint8Array = knownSet(
  `and as assert async await break class const continue def del elif else except export finally for from function global if import in is
lambda let new nonlocal not of or pass raise return self this throw try typeof var while with yield None True False null undefined true
false cls`.split(/\s/),
);

const DOT = known(".");

/** The names of a list of parameters, at most 40. */
export function namesBetween({ ids, word }: Words, from: number, end: number): string[] {
  const names: string[] = [];
  for (let at = from; at < end && names.length < 40; at++) {
    const id = ids[at]!;
    if (isName(id) && KEYWORDS[id] !== 1 && idAt(ids, at - 1) !== DOT) names.push(word(id));
  }
  return names;
}

/** Characters of a scope that is still told apart from those inside of it: far above what people nest. */
const LONGEST_SCOPE = 2_000;

/** The scope of what stands in the function `name` of `scope`. */
export function inside(scope: string, name: string): string {
  if (scope.length > LONGEST_SCOPE) return scope;
  return scope === "" ? name : `${scope}.${name}`;
}

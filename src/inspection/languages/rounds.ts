import { knownSet } from "./interned.ts";
import type { Program } from "./program.ts";
import { type Value, wholeNumber } from "./value.ts";

/** Elements that are gone through whatever is done with them. */
const FEW = 1_000;
/** What takes a number apart or looks something up by it. */
const LOOKS_UP = knownSet("[ ^ ~ >> >>> >>= // /= ** pow divmod next pop get ord".split(" "));

/**
 * Whether a loop over `items` whose body or element is the tokens from `from` to `to` may make a text that is hidden elsewhere. Numbers
 * counted from one to another hide nothing: tests of many releases format thousands of them, and going through these costs more than
 * all the rest. Where something is looked up by them, they are gone through however many there are.
 */
export function mayUnhide(p: Program, items: readonly Value[], from: number, to: number): boolean {
  if (items.length <= FEW || !isCounted(items)) return true;
  for (let at = from; at < to; at++) if (LOOKS_UP[p.words.ids[at]!] === 1) return true;
  return false;
}

/** Whole numbers of equal distances, as `range` gives them. */
function isCounted(items: readonly Value[]): boolean {
  const first = wholeNumber(items[0]);
  const second = wholeNumber(items[1]);
  if (first === undefined || second === undefined) return false;
  return items.every((item, at) => wholeNumber(item) === first + at * (second - first));
}

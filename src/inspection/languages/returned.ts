import { dangerousOf } from "./detours.ts";
import { knownSet } from "./interned.ts";
import { isWordAt, type Program, WORD, withScope } from "./program.ts";
import type { FunctionValue, NameValue } from "./value.ts";

/** Tokens of a function that are looked through for what it returns, and statements that return. */
const MOST_BODY = 600;
const MOST_RETURNS = 8;
const TELLING = knownSet(
  "exec eval execfile __import__ system popen startfile Popen run call check_call check_output getoutput Function execSync spawn spawnSync execFile execFileSync fork".split(
    " ",
  ),
);

/** The function that runs text or starts programs which a function of the file gives back on some way through it, if any: looked for once. */
export function dangerousReturn(p: Program, callable: FunctionValue): NameValue | undefined {
  const { body, bodyEnd, isBlock } = callable;
  if (!isBlock || bodyEnd - body > MOST_BODY) return undefined;
  const known = p.returned.get(body);
  if (known !== undefined) return known ?? undefined;
  p.returned.set(body, null);
  const found = mayReturn(p, body, bodyEnd) ? readReturns(p, callable) : undefined;
  p.returned.set(body, found ?? null);
  return found;
}

function mayReturn(p: Program, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (TELLING[p.words.ids[at]!] === 1) return true;
  return false;
}

function readReturns(p: Program, { body, bodyEnd, parameters }: FunctionValue): NameValue | undefined {
  const { end, callee } = p;
  p.quiet++;
  p.callee = undefined;
  try {
    return withScope(p, parameters, [], () => {
      let left = MOST_RETURNS;
      for (let at = body; at < bodyEnd && left > 0; at++) {
        if (!isWordAt(p, at, WORD.return) && !isWordAt(p, at, WORD.yield)) continue;
        left--;
        const found = dangerousOf([p.read(at + 1)]);
        if (found !== undefined) return found;
      }
      return undefined;
    });
  } finally {
    p.quiet--;
    p.end = end;
    p.callee = callee;
  }
}

import type { Call } from "./calls.ts";
import { isDangerous } from "./detours.ts";
import { callValue } from "./members.ts";
import { isWordAt, lookUp, nameAt, operatorAt, operatorCode, type Program, WORD } from "./program.ts";
import { UNKNOWN, type Value } from "./value.ts";

const AT = operatorCode("@");
/** Decorators of one function that are followed. */
const MOST_DECORATORS = 8;

/**
 * The calls that the decorators from the one at `at` make, when one of them runs text or starts programs: `@exec` above
 * `@(lambda f: text)`. All are told to stand where the last one does, so that what it takes and what is done with it are together.
 */
export function readDecorators(p: Program, at: number): readonly Call[] {
  const decorators: { readonly value: Value; readonly token: number }[] = [];
  let next = at;
  while (operatorAt(p, next) === AT && decorators.length < MOST_DECORATORS) {
    decorators.push({ value: p.read(next + 1), token: next + 1 });
    next = p.end + 1;
  }
  if (!decorators.some(({ value }) => isDangerous(value))) return [];
  const { token } = decorators.at(-1)!;
  const found: Call[] = [];
  let given = decorated(p, next);
  for (const { value } of decorators.toReversed()) {
    const call: Call = {
      ...{ name: value.kind === "name" ? value.name : "", written: nameAt(p, token), receiver: UNKNOWN },
      ...{ offset: p.tokens.start(token), token, args: [{ name: undefined, value: given, token }] },
      ...{ within: "", isTopLevel: true },
    };
    if (isDangerous(value)) found.push(call);
    given = callValue(p, call, value);
  }
  return found;
}

/** The function or class whose head begins at `at`. */
function decorated(p: Program, at: number): Value {
  const start = isWordAt(p, at, WORD.async) ? at + 1 : at;
  const name = nameAt(p, start + 1);
  return isWordAt(p, start, WORD.def) && name !== "" ? lookUp(p, name) : UNKNOWN;
}

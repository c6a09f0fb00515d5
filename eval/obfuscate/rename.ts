import { isUse, renameable } from "./names.ts";
import type { Obfuscation } from "./obfuscation.ts";
import type { Edit } from "./source.ts";
import { edited, type Token } from "./source.ts";

/** Everything that a file binds for itself gets a name that says nothing. */
export const rename: Obfuscation = {
  name: "rename",
  what: "functions, parameters, variables and imports with random names",
  python({ text, tokens, foreign }, random) {
    const names = new Map([...renameable(tokens, foreign)].map((name) => [name, random.name()]));
    return edited(text, renamed(tokens, names));
  },
};

/** The edits that give names other names, imports among them by `as`. */
export function renamed(tokens: readonly Token[], names: ReadonlyMap<string, string>): Edit[] {
  const edits: Edit[] = [];
  let isImport = false;
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (before === undefined || /^(?:newline|indent|dedent)$/.test(before.kind) || /^[;:]$/.test(before.text)) {
      isImport = /^(?:import|from)$/.test(token.text);
    }
    const name = names.get(token.text);
    if (name === undefined || !isUse(tokens, at)) continue;
    if (!isImport) edits.push({ start: token.start, end: token.end, text: name });
    else if (before?.text === "as") edits.push({ start: token.start, end: token.end, text: name });
    else if (/^(?:import|,)$/.test(before?.text ?? "") && tokens[at + 1]?.text !== "as") {
      edits.push({ start: token.end, end: token.end, text: ` as ${name}` });
    }
  }
  return edits;
}

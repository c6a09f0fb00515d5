import { quoted } from "./literals.ts";
import { isUse, renameable } from "./names.ts";
import type { Obfuscation, Source } from "./obfuscation.ts";
import type { Random } from "./random.ts";
import { renamed } from "./rename.ts";
import { type Edit, edited, type Token } from "./source.ts";
import { headEnd } from "./statements.ts";

/** Modules, functions of the language and methods are reached by detours. */
export const alias: Obfuscation = {
  name: "alias",
  what: "`import x as y`, `_e = exec` by name, by `getattr` and by `__dict__`, methods by `getattr` with a name in pieces",
  python(source, random) {
    const names = importAliases(source, random);
    const callees = builtinAliases(source, random);
    const head = headEnd(source);
    const edits = [...renamed(source.tokens, names), ...callees.edits];
    const all = [...edits, ...methods(source.tokens, names, edits, random)];
    return edited(source.text, [{ start: head, end: head, text: callees.lines.join("") }, ...all]);
  },
};

const BUILTINS = new Set("exec eval open compile __import__ getattr print bytes chr".split(" "));

function importAliases({ tokens, foreign }: Source, random: Random): Map<string, string> {
  const imported = new Set<string>();
  let isImport = false;
  for (const [at, token] of tokens.entries()) {
    if (/^(?:newline|indent|dedent)$/.test(tokens[at - 1]?.kind ?? "newline"))
      isImport = /^(?:import|from)$/.test(token.text);
    if (isImport) imported.add(token.text);
  }
  const names = [...renameable(tokens, foreign)].filter((name) => imported.has(name));
  return new Map(names.map((name) => [name, random.name()]));
}

/** Calls of functions of the language that the file does not define itself, by names that are bound at its head. */
function builtinAliases({ tokens }: Source, random: Random) {
  const names = new Map<string, string>();
  const edits: Edit[] = [];
  const shadowed = new Set(
    tokens.filter((_, at) => /^(?:def|as|import)$/.test(tokens[at - 1]?.text ?? "")).map(({ text }) => text),
  );
  for (const [at, token] of tokens.entries()) {
    if (!BUILTINS.has(token.text) || shadowed.has(token.text) || tokens[at + 1]?.text !== "(" || !isUse(tokens, at))
      continue;
    if (tokens[at + 1]!.start !== token.end) continue; // Python 2's `print (…)`
    const name = names.get(token.text) ?? random.name();
    names.set(token.text, name);
    edits.push({ start: token.start, end: token.end, text: name });
  }
  const lines = [...names].map(([builtin, name]) => `${name} = ${random.pick(DETOURS)(builtin)}\n`);
  return { edits, lines };
}

const DETOURS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => `getattr(__import__("builtins"), ${halves(name)})`,
  (name) => `__import__("builtins").__dict__[${halves(name)}]`,
  (name) => `vars(__import__("builtins"))[${halves(name)}]`,
  (name) => `(__builtins__ if isinstance(__builtins__, dict) else __builtins__.__dict__)[${halves(name)}]`,
  (name) => `(lambda f: f)(${name})`,
];

/** `a.b(` of an imported `a`, and half of the other calls of methods of a plain name. */
function methods(
  tokens: readonly Token[],
  names: ReadonlyMap<string, string>,
  done: readonly Edit[],
  random: Random,
): Edit[] {
  const edits: Edit[] = [];
  const starts = new Set(done.map(({ start }) => start));
  for (const [at, token] of tokens.entries()) {
    const [dot, member, open] = [tokens[at + 1], tokens[at + 2], tokens[at + 3]];
    const isCall = dot?.text === "." && member?.kind === "name" && open?.text === "(";
    if (!isCall || token.isFormatted || !isUse(tokens, at) || token.text === "super" || tokens[at - 1]?.text === "@")
      continue;
    if (member.text.startsWith("__") || (!names.has(token.text) && random.below(2) === 0)) continue;
    // The name itself is replaced by the edit that gives it another one.
    const wrapped = `${isGlued(tokens, at) ? " " : ""}getattr(${starts.has(token.start) ? "" : token.text}`;
    if (starts.has(token.start)) edits.push({ start: token.start, end: token.start, text: wrapped });
    else edits.push({ start: token.start, end: token.end, text: wrapped });
    edits.push({ start: dot.start, end: member.end, text: `, ${halves(member.text)})` });
  }
  return edits;
}

/** Something stands right before the token that would grow into the name. */
function isGlued(tokens: readonly Token[], at: number): boolean {
  return at > 0 && tokens[at - 1]!.end === tokens[at]!.start && /^(?:name|number)$/.test(tokens[at - 1]!.kind);
}

function halves(name: string): string {
  const middle = Math.ceil(name.length / 2);
  return `${quoted(name.slice(0, middle))} + ${quoted(name.slice(middle))}`;
}

import type { Source } from "./obfuscation.ts";
import type { Token } from "./source.ts";

/** Words that stand for themselves, and names that Python itself gives. */
const RESERVED = new Set(
  `False None True and as assert async await break class continue def del elif else except exec finally for from global if import
  in is lambda nonlocal not or pass print raise return try while with yield match case type self cls super abs all any ascii bin bool
  breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval filter float format
  frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max memoryview min next
  object oct open ord pow property range repr reversed round set setattr slice sorted staticmethod str sum tuple vars zip unicode
  raw_input xrange long basestring reload file Exception`.split(/\s+/),
);

/**
 * The names that a Python program binds for itself and that can have another name everywhere in it: functions, parameters, variables
 * and imported things; none that are also an attribute of one of its classes, an argument by name, or written in a text.
 */
export function renameable(tokens: readonly Token[], foreign: Source["foreign"]): Set<string> {
  const bound = new Set<string>();
  const fixed = new Set<string>();
  const open: { readonly isClass: boolean }[] = [];
  let line: Token[] = [];
  let isClass = false;
  for (const [at, token] of tokens.entries()) {
    if (token.kind === "indent") open.push({ isClass });
    else if (token.kind === "dedent") open.pop();
    else if (token.kind === "newline") {
      isClass = line[0]?.text === "class";
      bindLine(line, bound, open.at(-1)?.isClass ? fixed : bound, fixed);
      line = [];
    } else line.push(token);
    const before = tokens[at - 1];
    if (token.kind === "name" && before?.text === "!") fixed.add(token.text);
    if (token.kind === "name" && /^(?:global|nonlocal)$/.test(token.text)) fixed.add(token.text);
    if ((token.kind === "string" || token.kind === "template") && /^\w{1,60}$/.test(token.value))
      fixed.add(token.value);
  }
  return new Set(
    [...bound].filter((name) => !fixed.has(name) && !RESERVED.has(name) && !foreign.has(name) && !/^__/.test(name)),
  );
}

/** Whether the token is a use of a name, and not an attribute or the name of an argument. */
export function isUse(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!;
  if (token.kind !== "name" || tokens[at - 1]?.text === ".") return false;
  return !(tokens[at + 1]?.text === "=" && token.depth > 0 && tokens[at + 1]?.kind === "operator");
}

/** What one logical line binds: `here` in its own scope, arguments of functions inside. */
function bindLine(line: readonly Token[], inside: Set<string>, here: Set<string>, fixed: Set<string>): void {
  const word = line[0]?.text === "async" || line[0]?.text === "@" ? line[1]?.text : line[0]?.text;
  if (word === "import" || word === "from") {
    bindImport(line, here, fixed);
    return;
  }
  if (word === "def" || word === "class") {
    const named = line[line.findIndex(({ text }) => text === word) + 1]!;
    here.add(named.text);
    // A parameter with a default value, or one that a caller names, keeps its name.
    if (word === "def") {
      for (const [at, token] of line.entries()) {
        if (token.kind !== "name" || token.depth !== 1 || !/^[(,*]/.test(line[at - 1]!.text)) continue;
        (line[at + 1]?.text === "=" ? fixed : inside).add(token.text);
      }
    }
    return;
  }
  bindTargets(line, here);
  for (const [at, token] of line.entries()) {
    if (token.kind !== "name") continue;
    if (line[at + 1]?.text === "=" && token.depth > 0) fixed.add(token.text);
    if (line[at - 1]?.text === "as" || line[at - 1]?.text === "for") here.add(token.text);
  }
}

function bindTargets(line: readonly Token[], here: Set<string>): void {
  const equals = line.findIndex(({ text, depth }) => text === "=" && depth === 0);
  const targets = line.slice(0, Math.max(0, equals));
  const plain = targets.every(({ kind, text }) => (kind === "name" && !RESERVED.has(text)) || text === ",");
  if (plain) for (const { kind, text } of targets) if (kind === "name") here.add(text);
}

/** `import os` and `from os import path`: what has a dot, brackets or a star keeps its name. */
function bindImport(line: readonly Token[], here: Set<string>, fixed: Set<string>): void {
  const isPlain = line.every(({ text }) => /^[\w,]+$/.test(text));
  const from = line[0]!.text === "from" ? line.findIndex(({ text }) => text === "import") : 0;
  for (const [at, token] of line.entries()) {
    if (token.kind !== "name" || at <= from || /^(?:as|import)$/.test(token.text)) continue;
    const last = line[at + 1]?.text !== "as";
    if (last) (isPlain ? here : fixed).add(token.text);
  }
}

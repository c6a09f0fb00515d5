import type { Token } from "./source.ts";

/** A statement at the left margin of a Python program, with its block, its decorators and what follows (`else`, `except`). */
export interface Statement {
  /** Tokens. */
  readonly first: number;
  readonly last: number;
  /** Characters: whole lines. */
  readonly start: number;
  readonly end: number;
  /** The word that it begins with, decorators apart. */
  readonly word: string;
  readonly hasBlock: boolean;
}

interface Program {
  readonly text: string;
  readonly tokens: readonly Token[];
}

const FOLLOWS = new Set(["else", "elif", "except", "finally"]);

/** The statements at the left margin, in order. */
export function statementsOf({ text, tokens }: Program): Statement[] {
  const statements: Statement[] = [];
  let at = 0;
  while (at < tokens.length) {
    if (tokens[at]!.kind === "dedent") {
      at++;
      continue;
    }
    const first = at;
    let word = tokens[at]!.text;
    let hasBlock = false;
    for (;;) {
      const line = endOfLine(tokens, at);
      const block = endOfBlock(tokens, line);
      if (word === "@") word = tokens[line]?.text ?? "";
      else if (block === line && !FOLLOWS.has(tokens[line]?.text ?? "")) {
        at = line;
        break;
      }
      hasBlock ||= block > line;
      at = block;
      if (!FOLLOWS.has(tokens[at]?.text ?? "") && block > line) break;
      if (at >= tokens.length) break;
    }
    let end = at - 1;
    while (end > first && tokens[end]!.kind !== "newline") end--;
    const start = text.lastIndexOf("\n", tokens[first]!.start - 1) + 1;
    if (word === "async")
      word = tokens.slice(first, at).find(({ text }) => /^(?:def|for|with)$/.test(text))?.text ?? word;
    statements.push({ first, last: at, start, end: tokens[end]!.end, word, hasBlock });
  }
  return statements;
}

/** Where code of our own can begin: behind comments, the docstring and imports from `__future__`. */
export function headEnd(program: Program): number {
  const statements = statementsOf(program);
  const body = statements.findIndex(({ first }, at) => !isHead(program.tokens, first, at));
  return body < 0 ? program.text.length : statements[body]!.start;
}

/** Whether the statement is the docstring or an import from `__future__`. */
export function isHead(tokens: readonly Token[], first: number, at: number): boolean {
  return (at === 0 && tokens[first]!.kind === "string") || tokens[first + 1]?.text === "__future__";
}

function endOfLine(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && tokens[at]!.kind !== "newline") at++;
  return Math.min(at + 1, tokens.length);
}

function endOfBlock(tokens: readonly Token[], from: number): number {
  if (tokens[from]?.kind !== "indent") return from;
  let open = 1;
  let at = from + 1;
  for (; at < tokens.length && open > 0; at++) {
    if (tokens[at]!.kind === "indent") open++;
    else if (tokens[at]!.kind === "dedent") open--;
  }
  return at;
}

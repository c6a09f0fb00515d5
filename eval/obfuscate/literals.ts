import type { Token } from "./source.ts";

/** A literal, or several in a row that the language joins, where an expression may stand instead. */
export interface Literal {
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly isBytes: boolean;
}

/** Characters from which a literal is worth hiding. */
const SHORTEST = 3;

/** The Python literals that an expression can replace: no docstrings, patterns or pieces of formatted literals. */
export function pythonLiterals(tokens: readonly Token[]): Literal[] {
  const literals: Literal[] = [];
  let line = "";
  for (let at = 0; at < tokens.length; at++) {
    const before = tokens[at - 1];
    if (startsStatement(before)) line = tokens[at]!.text;
    if (tokens[at]!.kind !== "string") continue;
    const first = at;
    while (tokens[at + 1]?.kind === "string") at++;
    const run = tokens.slice(first, at + 1);
    const joined = before?.kind === "template" || tokens[at + 1]?.kind === "template";
    if (joined || startsStatement(before) || line === "case" || run.some(isSpecial)) continue;
    const value = run.map((token) => token.value).join("");
    const isBytes = /^[a-z]*b/i.test(run[0]!.text);
    if (value.length >= SHORTEST) literals.push({ start: run[0]!.start, end: run.at(-1)!.end, value, isBytes });
  }
  return literals;
}

/** The JavaScript literals that an expression can replace: no directives, keys or module names that are declared. */
export function javascriptLiterals(tokens: readonly Token[]): Literal[] {
  return tokens.flatMap((token, at) => {
    const before = tokens[at - 1]?.text ?? ";";
    const after = tokens[at + 1]?.text ?? "";
    const fixed =
      /^(?:[;{}]|from|import|with|assert)$/.test(before) || after === ":" || (after === "(" && before === ",");
    if (token.kind !== "string" || token.text.startsWith("`") || fixed || token.value.length < SHORTEST) return [];
    return [{ start: token.start, end: token.end, value: token.value, isBytes: false }];
  });
}

/** Writes text or bytes as a literal of both languages, within ASCII. */
export function quoted(value: string, isBytes = false): string {
  const body = value.replace(/[\\"]|[^ -~]/g, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\\" || character === '"') return `\\${character}`;
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `${isBytes ? "b" : ""}"${body}"`;
}

/** Whether the literal can be written so that Python and JavaScript take it for the same text. */
export function isPlain(value: string): boolean {
  return !/[\ud800-\udfff]/.test(value);
}

function startsStatement(before: Token | undefined): boolean {
  return before === undefined || /^(?:newline|indent|dedent)$/.test(before.kind) || before.text === ";";
}

/** A formatted literal without holes, or a piece of one that has holes. */
function isSpecial(token: Token): boolean {
  return token.isFormatted || /^[a-z]*[ft]/i.test(token.text);
}

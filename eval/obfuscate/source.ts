import { lex } from "../../src/inspection/languages/lex.ts";
import type { TokenKind } from "../../src/inspection/model.ts";

/** One token of a file that is rewritten. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Without prefix, quotes and escapes. */
  readonly value: string;
  /** Brackets that are open around it; an opening bracket itself counts as outside. */
  readonly depth: number;
  /** It stands in a hole of a formatted literal, or is a piece of one. */
  readonly isFormatted: boolean;
}

/** One replacement; edits of one text do not overlap. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The tokens of a program, or undefined when the lexer finds it broken: such a file is left as it is. */
export function tokensOf(kind: "python" | "javascript", text: string): Token[] | undefined {
  const lexed = lex(kind, text);
  const tokens: Token[] = [];
  let depth = 0;
  let formatted = 0;
  for (let at = 0; at < lexed.length; at++) {
    const token = lexed.kind(at);
    if (token === "error") return undefined;
    const written = lexed.text(at);
    if (token === "operator" && /^[)\]}]$/.test(written)) depth--;
    const opens = token === "template" && !/^[}:]/.test(written);
    if (opens) formatted++;
    const [start, end] = [lexed.start(at), lexed.end(at)];
    tokens.push({
      kind: token,
      text: written,
      start,
      end,
      value: lexed.value(at),
      depth,
      isFormatted: formatted > 0,
    });
    if (token === "template" && !opens && /["'`]$/.test(written)) formatted--;
    if (token === "operator" && /^[([{]$/.test(written)) depth++;
  }
  return depth === 0 ? tokens : undefined;
}

/** The text with the edits carried out; at one place what is only put in comes first, in the order given. */
export function edited(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start))) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join("") + text.slice(at);
}

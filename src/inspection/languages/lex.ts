/**
 * The lexical tokens of a file, for every language that detectors read.
 *
 *     const tokens = lex("python", text);
 *     tokens.kind(0); tokens.value(0);
 *
 * A formatted literal (f-string, template, expandable string) with holes is a row of `template` pieces with the tokens of
 * the holes between them, so code hidden in a hole is visible; a piece is written from the delimiter or `}` that begins it
 * to the `{`, `${`, `$(` or delimiter that ends it, and its value is the text between. Without holes it is one `string`.
 * In Python, a format (`:>10`) is a piece that begins with `:` (or `}` after an inner hole) and ends before its `}`.
 */
import type { FileKind, Tokens } from "../model.ts";
import { lexJavaScript } from "./javascript.ts";
import { lexPowerShell } from "./powershell.ts";
import { lexPython } from "./python.ts";
import { openSink, tokensOf } from "./tokens.ts";
import { lexBatch, lexShell } from "./words.ts";

/** Whether there is a lexer for the kind. */
export function isLexed(kind: FileKind): boolean {
  return LEXED.has(kind);
}

const LEXED: ReadonlySet<FileKind> = new Set([
  "python",
  "pth",
  "javascript",
  "typescript",
  "powershell",
  "shell",
  "batch",
]);

/** The tokens of `text`, at most MOST_TOKENS (then `isCut`); none for kinds without a lexer. Linear, iterative, never throws. */
export function lex(kind: FileKind, text: string): Tokens {
  switch (kind) {
    case "python":
    case "pth":
      return lexPython(text);
    case "javascript":
    case "typescript":
      return lexJavaScript(text);
    case "powershell":
      return lexPowerShell(text);
    case "shell":
      return lexShell(text);
    case "batch":
      return lexBatch(text);
    default:
      return tokensOf(openSink(), "", () => "");
  }
}

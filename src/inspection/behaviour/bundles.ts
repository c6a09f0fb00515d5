import type { SourceFile } from "../model.ts";

/** Characters above which a script is many programs in one file. */
const BUNDLE = 100_000;
/** Characters above which the length of lines says something, and the mean length of lines that nobody writes. */
const TELLING = 2_000;
const LONG_LINE = 300;

/** Whether the file is JavaScript or TypeScript. */
export function isJavascript({ kind }: Pick<SourceFile, "kind">): boolean {
  return kind === "javascript" || kind === "typescript";
}

/** Whether the file is a script so large that it is many programs in one: what one of them reads is not what another one sends. */
export function isLargeScript(file: Pick<SourceFile, "kind" | "text">): boolean {
  return isJavascript(file) && file.text.length > BUNDLE;
}

/** Whether names are single letters that mean another thing in each function, told by the length of lines. */
export function isMinified(file: SourceFile): boolean {
  const { length } = file.text;
  return file.kind !== "python" && length > TELLING && length / file.lineAt(length) > LONG_LINE;
}

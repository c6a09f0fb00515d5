import { phaseHere } from "../behaviour/moments.ts";
import type { ReleaseTree, Sighting, SourceFile } from "../model.ts";

/** What detectors share: which files are program code, and how to say where something is. */

const CODE = new Set(["python", "javascript", "typescript", "powershell", "shell", "batch", "pth"]);

/** Whether the file is program code that some interpreter runs. */
export function isCode(file: SourceFile): boolean {
  return CODE.has(file.kind);
}

/** Whether the file is what it was when packed, not a decoded layer of another. */
export function isMember(file: SourceFile): boolean {
  return file.layer === undefined;
}

/** A sighting at `offset` of the file's text. */
export function sight(file: SourceFile, offset: number, says: string, more: Partial<Sighting> = {}): Sighting {
  return {
    path: file.path,
    line: file.lineAt(offset),
    says,
    phase: phaseHere(file, offset),
    ...(file.layer === undefined ? {} : { layer: file.layer }),
    column: Math.max(1, offset - file.text.lastIndexOf("\n", offset - 1)),
    ...(file.origin === undefined
      ? {}
      : { inside: { layer: file.origin.number, line: file.origin.ownLineAt(offset) } }),
    ...more,
  };
}

/** Code files in which at least one of `literals` occurs. */
export function* codeWith(tree: ReleaseTree, literals: readonly string[]): Iterable<SourceFile> {
  for (const file of codeOf(tree)) if (file.hits.hasAny(literals)) yield file;
}

/** Whether something runs only when somebody calls it, if at all. */
export function isLate({ phase }: Pick<SourceFile, "phase">): boolean {
  return phase === "call" || phase === "none";
}

const codeByTree = new WeakMap<ReleaseTree, readonly SourceFile[]>();

/** The code files of a release. Gathered once: it may have thousands of other files, and every detector asks. */
export function codeOf(tree: ReleaseTree): readonly SourceFile[] {
  let code = codeByTree.get(tree);
  if (code === undefined) {
    code = tree.files.filter(isCode);
    codeByTree.set(tree, code);
  }
  return code;
}

/** The first match of `pattern` that no comment hides: inside a string, name or other token where the file has any. */
export function matchInCode(file: SourceFile, pattern: RegExp): RegExpExecArray | undefined {
  const all = searching(pattern);
  for (let tries = 0; tries < 50; tries++) {
    const match = all.exec(file.text);
    if (match === null) return undefined;
    if (!inComment(file, match.index)) return match;
  }
  return undefined;
}

const searched = new WeakMap<RegExp, RegExp>();

/** The pattern as one that goes on from match to match; made once, because compiling costs more than most files. */
function searching(pattern: RegExp): RegExp {
  let all = searched.get(pattern);
  if (all === undefined) {
    all = new RegExp(pattern.source, pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`);
    searched.set(pattern, all);
  }
  all.lastIndex = 0;
  return all;
}

/** Files up to this size without a token hold nothing but comments; larger ones may not have been lexed. */
const SURELY_LEXED = 1 << 20;

/** Whether the text at `offset` lies between tokens, where comments are, or in a docstring. Never, when the file was not lexed. */
export function inComment(file: SourceFile, offset: number): boolean {
  const { tokens } = file;
  if (tokens.length === 0) return file.bytes.length < SURELY_LEXED && isCode(file);
  let low = 0;
  let high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (tokens.start(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return offset < tokens.start(low) || offset >= tokens.end(low) || isDocstring(file, low);
}

/** A string that is a statement of its own, which Python keeps for readers. */
function isDocstring({ kind, tokens }: SourceFile, at: number): boolean {
  if (kind !== "python" || tokens.kind(at) !== "string") return false;
  return (
    ALONE.has(at === 0 ? "newline" : tokens.kind(at - 1)) &&
    ALONE.has(at + 1 < tokens.length ? tokens.kind(at + 1) : "newline")
  );
}

const ALONE = new Set(["newline", "indent", "dedent"]);

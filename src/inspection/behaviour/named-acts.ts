import { idAt, known, knownSet, type Words, wordsOf } from "../languages/interned.ts";
import type { SourceFile } from "../model.ts";
import { type Act, PYTHON_NAMES } from "./acts.ts";

/** Per act: the calls that are one, each as the numbers of the words that its name is made of. */
const CALLS: ReadonlyMap<Act, readonly (readonly number[])[]> = new Map(
  [...PYTHON_NAMES].map(([act, names]) => [act, names.map((name) => partsOf(name).map(known))]),
);
/** The words of a name: `webbrowser`, `get` and `open` of `webbrowser.get().open`. */
function partsOf(name: string): string[] {
  return name.split(/[.()]+/).filter(Boolean);
}

/** Acts that a command line may be as well. */
const COMMANDED: ReadonlySet<Act> = new Set(["http", "upload", "dns", "host-fact", "install-package"]);
/** Acts that are more than calls. */
const UNNAMED: ReadonlySet<Act> = new Set(["environment", "secret-file"]);
/** Ways to a module or function without its name. */
const INDIRECT = [
  ..."__import__ import_module globals builtins __builtins__ __dict__ __getattribute__ modules eval vars locals attrgetter".split(
    " ",
  ),
  ..."methodcaller FunctionType load_module exec_module find_spec".split(" "),
].map(known);
const GETATTR = known("getattr");
const OWN = knownSet(["self", "cls"]);
const OPEN_PAREN = known("(");
const CLOSE_PAREN = known(")");
const COMMA = known(",");

/**
 * Whether a Python file has the words by which it could do any of `acts`, other than in comments and texts, or a way to call
 * something without its name; true for other languages. One pass over its tokens, where resolving its calls takes many.
 */
export function mayName(file: SourceFile, acts: readonly Act[]): boolean {
  if (file.kind !== "python" && file.kind !== "pth") return true;
  if (acts.some((act) => UNNAMED.has(act))) return true;
  let named = namedByFile.get(file);
  if (named === undefined) {
    named = readNamed(file);
    namedByFile.set(file, named);
  }
  return named === "all" || acts.some((act) => named.has(act));
}

const namedByFile = new WeakMap<SourceFile, ReadonlySet<Act> | "all">();

function readNamed(file: SourceFile): ReadonlySet<Act> | "all" {
  const words = wordsOf(file);
  if (INDIRECT.some((word) => words.has(word)) || getsAnything(file, words)) return "all";
  const named = new Set<Act>();
  for (const [act, names] of CALLS) if (names.some((name) => name.every((word) => words.has(word)))) named.add(act);
  // A request that is given a body is an upload.
  if (named.has("http")) named.add("upload");
  if (named.has("start")) for (const act of COMMANDED) named.add(act);
  return named;
}

/** `getattr` of something other than the object itself, by a name that is not one literal or that is an act's. */
function getsAnything({ tokens }: SourceFile, { ids, has, idOf }: Words): boolean {
  if (!has(GETATTR)) return false;
  for (let at = ids.indexOf(GETATTR); at !== -1; at = ids.indexOf(GETATTR, at + 1)) {
    if (idAt(ids, at + 1) !== OPEN_PAREN) return true;
    if (OWN[idAt(ids, at + 2)] === 1 && idAt(ids, at + 3) === COMMA) continue;
    let comma = at + 2;
    while (comma < at + 12 && idAt(ids, comma) !== COMMA) comma++;
    const after = idAt(ids, comma + 2);
    const isLiteral = comma + 1 < ids.length && tokens.kind(comma + 1) === "string";
    if (!isLiteral || (after !== COMMA && after !== CLOSE_PAREN)) return true;
    if (NAMED[idOf(tokens.value(comma + 1))] === 1) return true;
  }
  return false;
}

/** Every word of the name of an act. */
const NAMED = knownSet([...PYTHON_NAMES.values()].flat().flatMap(partsOf));

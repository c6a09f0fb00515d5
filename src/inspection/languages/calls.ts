/**
 * What a file calls and refers to, with names resolved and arguments folded.
 *
 *     for (const call of calls(file)) if (call.name === "os.system") argumentText(call, 0);
 *     for (const use of references(file)) if (use.name === "process.env") …
 *     for (const origin of originsOf(call.args[0].value)) …   // what the argument is made from
 *
 * For Python and JavaScript a name is what the callee stands for once imports, aliases, assignments and indirection are
 * seen through: `_e = exec`, `from os import system as s`, `getattr(os, "sys" + "tem")`, `__import__("os").system`,
 * `globals()["exec"]`, `require("child_process").exec`, `const { exec: e } = require(…)`, `process["env"]`, `(0, eval)`,
 * `eval.call(…)`. Modules are named without `node:`. The result of a call goes on as `requests.get().text`; a method of
 * a known or unknown value begins with a dot: `.decode`. For PowerShell see `powershell-calls.ts`.
 * Arguments are folded: concatenation, formats, joins, chr and ord, base64, hex, zlib, XOR and the like, also through
 * simple functions and loops of the file. Everything is bounded and made once per file.
 */
import type { Phase } from "../model.ts";
import { noteUnread } from "../unread.ts";
import { READER } from "./follow.ts";
import { readPowerShellCalls } from "./powershell-calls.ts";
import { type Fold, type Lexed, openProgram, type Place, type Program } from "./program.ts";
import { readJavaScript } from "./read-javascript.ts";
import { readPython } from "./read-python.ts";
import { type Value, wholeText } from "./value.ts";

export type { Fold, Lexed } from "./program.ts";
export { originsOf, type Value, wholeText } from "./value.ts";

/** One call, in the order of the text. */
export interface Call {
  /** What is called, resolved; empty when nothing is known. */
  readonly name: string;
  /** The callee as written, at most 200 characters. */
  readonly written: string;
  /** The value whose method it is; unknown for plain functions. */
  readonly receiver: Value;
  /** Offset in the text, and index, of the callee's first token. */
  readonly offset: number;
  readonly token: number;
  readonly args: readonly Argument[];
  /** The functions and classes that it stands in, dotted: `Install.run`; empty at the top level. */
  readonly within: string;
  /** It runs when the file is loaded: in no function, or in one that is called on the spot. */
  readonly isTopLevel: boolean;
}

export interface Argument {
  /** Name of a keyword argument or a PowerShell parameter, which is lower case. */
  readonly name: string | undefined;
  readonly value: Value;
  readonly token: number;
}

/** A name or chain of members that is used but not called: `os.environ`, `process.env`. */
export interface Reference {
  readonly name: string;
  readonly offset: number;
  readonly token: number;
}

interface Reading {
  readonly calls: readonly Call[];
  readonly references: readonly Reference[];
  readonly folds: readonly Fold[];
}

const NOTHING: Reading = { calls: [], references: [], folds: [] };
const readings = new WeakMap<Lexed["tokens"], Reading>();

/** The calls of a Python, JavaScript, TypeScript or PowerShell file; none for other kinds. */
export function calls(file: Lexed): readonly Call[] {
  return readingOf(file).calls;
}

/** The names and members that a Python or JavaScript file uses without calling them. */
export function references(file: Lexed): readonly Reference[] {
  return readingOf(file).references;
}

/** The texts that decoders, joins and the like of the file give, in the order they were made; see `decodedLayers`. */
export function folds(file: Lexed): readonly Fold[] {
  let found = foldsByFile.get(file);
  if (found === undefined) {
    found = readingOf(file).folds;
    foldsByFile.set(file, found);
  }
  return found;
}

/** Kept when the tokens of a file are let go: several detectors ask for them, and they are few. */
const foldsByFile = new WeakMap<Lexed, readonly Fold[]>();

/** The whole text of a positional or named argument; undefined when it is not known to the last character. */
export function argumentText(call: Call, which: number | string): string | undefined {
  const positional = call.args.filter((argument) => argument.name === undefined);
  const found = typeof which === "number" ? positional[which] : call.args.find((argument) => argument.name === which);
  return wholeText(found?.value);
}

/** All that is constant in the arguments, names of records and lists included, one blank between; at most `most` characters. */
export function constantText(call: Call, most = 4_000): string {
  const pieces: string[] = [];
  let left = most;
  const pending: Value[] = call.args.map((argument) => argument.value).reverse();
  for (let steps = 0; pending.length > 0 && left > 0 && steps < MOST_PIECES; steps++) {
    const value = pending.pop()!;
    if (value.kind === "list") for (const item of value.items.slice(0, MOST_PIECES).reverse()) pending.push(item);
    const piece = ownText(value);
    if (value.kind === "record") for (const entry of [...value.entries.values()].reverse()) pending.push(entry);
    if (piece === "") continue;
    pieces.push(piece.slice(0, left));
    left -= piece.length + 1;
  }
  return pieces.join(" ");
}

const MOST_PIECES = 1_000;

function ownText(value: Value): string {
  switch (value.kind) {
    case "text":
    case "bytes":
      return value.text;
    case "number":
      return String(value.number);
    case "name":
      return value.name;
    case "record":
      return [...value.entries.keys()].slice(0, MOST_PIECES).join(" ");
    default:
      return "";
  }
}

function readingOf(file: Lexed): Reading {
  if (file.tokens.length === 0) return NOTHING;
  let reading = readings.get(file.tokens);
  if (reading === undefined) {
    reading = read(file);
    readings.set(file.tokens, reading);
  }
  return reading;
}

function read(file: Lexed): Reading {
  switch (file.kind) {
    case "python":
    case "pth":
      return readProgram(file, true);
    case "javascript":
    case "typescript":
      return readProgram(file, false);
    case "powershell":
      return { calls: readPowerShellCalls(file), references: [], folds: [] };
    default:
      return NOTHING;
  }
}

function readProgram(file: Lexed, isPython: boolean): Reading {
  const program = openProgram(file, isPython, READER);
  if (isPython) readPython(program);
  else readJavaScript(program);
  // Bundles do take more, and libraries that carry a WebAssembly module as text; what they execute without its being known is seen by detectors.
  if (program.steps < 0 && isEarly(file, isPython))
    noteUnread(file, "its loops and functions take more steps than are followed");
  program.calls.sort((one, other) => one.token - other.token);
  place(program);
  return { calls: program.calls, references: program.references, folds: [...program.folds.values()] };
}

function isEarly({ phase }: Lexed & { readonly phase?: Phase }, isPython: boolean): boolean {
  return phase === "install" || phase === "start" || (phase === "import" && isPython);
}

type Draft = { -readonly [Key in keyof Call]: Call[Key] };

/** Tells each call which functions and classes it stands in. */
function place(program: Program): void {
  const places = program.places.toSorted((one, other) => one.from - other.from || other.to - one.to);
  const around: Place[] = [];
  let next = 0;
  let within = "";
  let isTopLevel = true;
  for (const call of program.calls as Draft[]) {
    let isMoved = false;
    for (; next < places.length && places[next]!.from <= call.token; next++) {
      leave(around, places[next]!.from);
      around.push(places[next]!);
      isMoved = true;
    }
    if (leave(around, call.token) || isMoved) {
      within = around
        .slice(-MOST_PLACES)
        .map((one) => one.name)
        .join(".");
      isTopLevel = around.every((one) => one.isClass);
    }
    call.within = within;
    call.isTopLevel = isTopLevel;
  }
}

/** Names of places around a call that are told. */
const MOST_PLACES = 8;

/** Whether any place was left. */
function leave(around: Place[], at: number): boolean {
  const before = around.length;
  while (around.length > 0 && around.at(-1)!.to <= at) around.pop();
  return around.length < before;
}

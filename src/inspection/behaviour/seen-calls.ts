import { type Call, calls } from "../languages/calls.ts";
import { GAP, type Value } from "../languages/value.ts";
import type { SourceFile } from "../model.ts";
import { type Act, actsOf } from "./acts.ts";
import { squeezed } from "./commands.ts";
import { feedsInterpreter } from "./fed-programs.ts";
import { textOfRounds } from "./rounds.ts";

/** One call that is an act, as detectors see it: the callee resolved through imports and aliases, the constant text of its arguments. */
export interface SeenCall {
  readonly name: string;
  readonly acts: readonly Act[];
  /** The callee as written. */
  readonly written: string;
  readonly offset: number;
  /** Index of the callee's first token. */
  readonly token: number;
  readonly text: string;
  readonly words: string;
  /** More is constant in the arguments than `text` has. */
  readonly cut: boolean;
  /** The arguments name a body: `data=`, `json=`, `files=`, `body:`. */
  readonly sendsBody: boolean;
}

const seenByFile = new WeakMap<SourceFile, readonly SeenCall[]>();

/** The calls of a Python file that are acts, in the order of the text, made once; for those of JavaScript see `javascript-calls.ts`. */
export function seenCalls(file: SourceFile): readonly SeenCall[] {
  let seen = seenByFile.get(file);
  if (seen === undefined) {
    seen = readSeen(file);
    seenByFile.set(file, seen);
  }
  return seen;
}

function readSeen(file: SourceFile): readonly SeenCall[] {
  const stars = starImports(file);
  const seen: SeenCall[] = [];
  for (const call of calls(file)) {
    const name = fullName(call.name.includes("builtins") ? call.name.replace(BUILTINS, "") : call.name, stars);
    const acts = feedsInterpreter(call) ? RUN_CODE : actsOf("python", name);
    if (acts.length > 0) seen.push(new PythonCall(file, call, name, acts));
  }
  return seen;
}

const RUN_CODE: readonly Act[] = ["run-code"];
const BUILTINS = /^(?:__builtins__|builtins)\./;

/** A call whose arguments are put into words when somebody asks. */
class PythonCall implements SeenCall {
  readonly name: string;
  readonly acts: readonly Act[];
  readonly written: string;
  readonly offset: number;
  readonly token: number;
  readonly #file: SourceFile;
  readonly #call: Call;
  #text: string | undefined;

  constructor(file: SourceFile, call: Call, name: string, acts: readonly Act[]) {
    this.name = name;
    this.acts = acts;
    this.written = call.written;
    this.offset = call.offset;
    this.token = call.token;
    this.#file = file;
    this.#call = call;
  }

  get text(): string {
    this.#text ??= textOfArguments(this.#call);
    return this.#text;
  }

  get cut(): boolean {
    return this.text.length >= MOST_TEXT;
  }

  get words(): string {
    const from = this.offset + this.written.length;
    return this.#file.text.slice(from, endOfCall(this.#call, this.#file) ?? 0);
  }

  get sendsBody(): boolean {
    return this.#call.args.some(({ name }) => name !== undefined && BODY.has(name));
  }
}

/** Modules of which everything is imported: any name without a dot may be one of theirs. */
function starImports(file: SourceFile): readonly string[] {
  if (!/import[ \t]{1,4}\*/.test(file.text)) return [];
  return [...file.text.matchAll(/^[ \t]{0,40}from[ \t]{1,4}([\w.]{1,100})[ \t]{1,4}import[ \t]{1,4}\*/gm)]
    .slice(0, 20)
    .map((match) => match[1]!);
}

function fullName(name: string, stars: readonly string[]): string {
  if (stars.length === 0 || name === "" || name.startsWith(".")) return name;
  const known = stars
    .map((module) => `${module}.${name}`)
    .find((full) => actsOf("python", full.replace(/\(\)/g, "")).length > 0);
  return known ?? name;
}

const BODY = new Set(["data", "json", "files", "params", "content"]);
/** Keyword arguments that say how something is started or asked, not what. */
const MANNER = new Set([
  "cwd",
  "env",
  "stdout",
  "stderr",
  "stdin",
  "encoding",
  "errors",
  "headers",
  "timeout",
  "mode",
  "executable",
  "cookies",
]);
/** Characters kept of what the arguments say, and items of one list in them. */
const MOST_TEXT = 200_000;
const MOST_ITEMS = 20_000;

/** What is constant in the arguments, `…` for what is not, blanks between; `python` for the interpreter's own path. */
function textOfArguments(call: Call): string {
  const pieces: string[] = [];
  let left = MOST_TEXT;
  for (const { name, value } of call.args) {
    if (left <= 0) break;
    if (name !== undefined && MANNER.has(name)) continue;
    const text = squeezed(textOf(value, 0)).slice(0, left);
    left -= text.length;
    if (text !== "") pieces.push(text);
  }
  return pieces.join(" ");
}

function textOf(value: Value, depth: number): string {
  switch (value.kind) {
    case "text":
    case "bytes":
      return value.text;
    case "list":
      return depth > 4
        ? ""
        : value.items
            .slice(0, MOST_ITEMS)
            .map((item) => textOf(item, depth + 1))
            .filter((text) => text !== "")
            .join(" ");
    case "record":
      return depth > 4
        ? ""
        : [...value.entries.values()]
            .slice(0, 200)
            .map((item) => textOf(item, depth + 1))
            .join(" ");
    case "name":
      return value.name === "sys.executable" ? "python" : GAP;
    case "number":
    case "constant":
      return "";
    case "mixed":
      return depth > 0 ? GAP : textOfRounds(value);
    default:
      return GAP;
  }
}

/** Where the text of the arguments ends, as far as a reader would look. */
function endOfCall(call: Call, { tokens }: SourceFile): number | undefined {
  let depth = 0;
  for (let at = call.token; at < tokens.length && at < call.token + 400; at++) {
    if (tokens.kind(at) !== "operator") continue;
    const text = tokens.text(at);
    if (text === "(" || text === "[" || text === "{") depth++;
    else if (text === ")" || text === "]" || text === "}") depth--;
    if (depth === 0 && text === ")") {
      if (tokens.text(at + 1) !== "." && tokens.text(at + 1) !== "(")
        return Math.min(tokens.end(at), call.offset + 600);
    }
  }
  return call.offset + 600;
}

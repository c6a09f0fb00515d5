import { type Call, calls } from "../languages/calls.ts";
import { GAP, type Value } from "../languages/value.ts";
import type { SourceFile } from "../model.ts";
import { actsOf } from "./acts.ts";

/** One call as detectors see it: the callee resolved through imports and aliases, the constant text of its arguments. */
export interface SeenCall {
  readonly name: string;
  /** The callee as written. */
  readonly written: string;
  readonly offset: number;
  /** Index of the callee's first token. */
  readonly token: number;
  readonly text: string;
  readonly words: string;
  /** The arguments name a body: `data=`, `json=`, `files=`, `body:`. */
  readonly sendsBody: boolean;
}

/** The calls of a Python file in the order of the text; for those of JavaScript see `javascript-calls.ts`. */
export function seenCalls(file: SourceFile): readonly SeenCall[] {
  const stars = starImports(file);
  return calls(file).map((call) => ({
    name: fullName(call.name.replace(/^(?:__builtins__|builtins)\./, ""), stars),
    written: call.written,
    offset: call.offset,
    token: call.token,
    get text() {
      return textOfArguments(call);
    },
    get words() {
      return file.text.slice(call.offset + call.written.length, endOfCall(call, file) ?? 0);
    },
    sendsBody: call.args.some(({ name }) => name !== undefined && BODY.has(name)),
  }));
}

/** Modules of which everything is imported: any name without a dot may be one of theirs. */
function starImports(file: SourceFile): readonly string[] {
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
/** Characters kept of what the arguments say. */
const MOST_TEXT = 200_000;

/** What is constant in the arguments, `…` for what is not, blanks between; `python` for the interpreter's own path. */
function textOfArguments(call: Call): string {
  const pieces: string[] = [];
  let left = MOST_TEXT;
  for (const { name, value } of call.args) {
    if (left <= 0) break;
    if (name !== undefined && MANNER.has(name)) continue;
    const text = textOf(value, 0).slice(0, left);
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
            .slice(0, 200)
            .map((item) => textOf(item, depth + 1))
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

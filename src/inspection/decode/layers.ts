/**
 * What a file says once decoded: text that it executes, what its decoders give, encoded runs in its literals, names and
 * literals written with escapes, and the same again inside of all these.
 *
 *     for (const layer of decodedLayers(file)) inspect(layer.text, layer.kind);
 *
 * Pure and bounded by a budget that counts characters and layers, never time.
 */
import { argumentText, type Call, calls, folds } from "../languages/calls.ts";
import { lex } from "../languages/lex.ts";
import type { FileKind, SourceFile } from "../model.ts";
import { decodedBlobs } from "./blobs.ts";
import { DECODE_BUDGET, type DecodeBudget } from "./budget.ts";
import { plainCalls } from "./plain-calls.ts";
import { plainNames } from "./plain-names.ts";
import { isText, kindOfText, readBytes } from "./readable.ts";
import { evaluatedTexts, openSteps } from "./script/layers-of.ts";

/** One decoding of a file or of another layer. */
export interface Layer {
  /** The decoded text; the bytes, one a character, of programs, archives and compiled Python. */
  readonly text: string;
  /** Guessed from the text, or the language of the file when that executes it. */
  readonly kind: FileKind;
  /** Decodings between the file and this text, from 1. */
  readonly depth: number;
  /** Offset in the file's own text of the expression that gave it, or that gave the layer around it; and its line. */
  readonly offset: number;
  readonly line: number;
  /** The decodings in words, outermost layer first: `b64decode, decompress`. */
  readonly how: string;
  /** The text is handed to something that runs it. */
  readonly isExecuted: boolean;
  /** It is the program itself, written plainly, which is not done again: names that stand for parts of themselves would grow for ever. */
  readonly isPlain?: boolean;
  /** The layer it was decoded from, and the offset of the expression there; absent when that is the file itself. */
  readonly outer?: { readonly layer: Layer; readonly offset: number };
}

type Source = Pick<SourceFile, "kind" | "text" | "tokens">;
type Found = Omit<Layer, "depth" | "line" | "outer">;

/** The layers of a file, outer ones first, each text once. */
export function* decodedLayers(file: Source, budget: DecodeBudget = DECODE_BUDGET): Iterable<Layer> {
  const seen = new Set([file.text]);
  let characters = budget.characters;
  let count = 0;
  let frontier: readonly { readonly source: Source; readonly layer: Layer | undefined }[] = [
    { source: file, layer: undefined },
  ];
  for (let depth = 1; depth <= budget.depth && frontier.length > 0; depth++) {
    const next: { source: Source; layer: Layer }[] = [];
    for (const { source, layer: outer } of frontier) {
      const isPlain = outer === undefined ? budget.isPlain : outer.isPlain;
      for (const found of findLayers(source, budget, isPlain === true)) {
        if (seen.has(found.text)) continue;
        seen.add(found.text);
        if (found.text.length > characters) {
          budget.reached?.();
          continue;
        }
        if (count++ >= budget.layers) return budget.reached?.();
        characters -= found.text.length;
        const layer = placeLayer(file, found, outer, depth);
        yield layer;
        if (layer.text.length > budget.lexed) budget.reached?.();
        else {
          next.push({ source: { kind: layer.kind, text: layer.text, tokens: lex(layer.kind, layer.text) }, layer });
        }
      }
    }
    frontier = next;
  }
}

function placeLayer(file: Source, found: Found, outer: Layer | undefined, depth: number): Layer {
  if (outer === undefined) return { ...found, depth, line: lineAt(file.text, found.offset) };
  const how = `${outer.how}; ${found.how}`.slice(0, MOST_HOW);
  const from = { layer: outer, offset: found.offset };
  return { ...found, depth, offset: outer.offset, line: outer.line, how, outer: from };
}

const MOST_HOW = 200;

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Words without one of which code neither runs a text nor makes one; names in disguise are undone by `plainNames` first. */
const MAY_HIDE =
  /exec|eval|compile|__import__|getattr|globals|builtins|b64|base64|b85|b32|fromhex|unhexl|hexlify|decompress|rot.?13|codecs|marshal|fernet|decrypt|chr\(|ord\(|\^|::-1|reverse|fromCharCode|charCodeAt|atob|Function|child_process|subprocess|system|popen|unescape|decodeURI|createDecipher|inflate|gunzip|\\x|\\u00|vm\.|iex|invoke-|-join|\[char|http["'+]|:\/\/["']/i;

function* findLayers(source: Source, budget: DecodeBudget, isPlain: boolean): Iterable<Found> {
  if (source.tokens.length > 0) {
    const executed = new Set<string>();
    if (MAY_HIDE.test(source.text)) {
      const found = [...executedTexts(source)];
      yield* found;
      for (const { text, kind } of found) if (!COMMANDS.has(kind)) executed.add(text);
      yield* foldedTexts(source, executed);
    }
    const plain = plainNames(source);
    if (plain !== undefined) yield { ...plain, isExecuted: false };
    for (const named of isPlain ? [] : plainCalls(source, executed))
      yield { ...named, isExecuted: false, isPlain: true };
    if (source.kind === "javascript" || source.kind === "typescript")
      yield* evaluatedTexts(source, budget.evaluation ?? openSteps());
  }
  yield* blobTexts(source, budget);
}

/** Kinds of what a shell runs, which stays beside the call that hands it over. */
const COMMANDS: ReadonlySet<FileKind> = new Set(["shell", "powershell", "batch", "text"]);

/** Functions that run a text of the file's own language, and the argument that holds it. */
const RUNNERS: ReadonlyMap<string, number> = new Map([
  ...["exec", "eval", "execfile", "compile", "runpy.run_path", "Function", "AsyncFunction", "._compile"].map(
    (name) => [name, 0] as const,
  ),
  ...["vm.runInThisContext", "vm.runInNewContext", "vm.runInContext", "vm.Script", "vm.compileFunction"].map(
    (name) => [name, 0] as const,
  ),
  ...["setTimeout", "setInterval", "execScript", "invoke-expression", "module._compile", "module.exports._compile"].map(
    (name) => [name, 0] as const,
  ),
]);
/** Functions that run a command line of the system's shell. */
const SHELLS: ReadonlySet<string> = new Set(
  (
    "os.system os.popen os.popen2 os.popen3 subprocess.run subprocess.call subprocess.Popen subprocess.check_call subprocess.check_output " +
    "subprocess.getoutput subprocess.getstatusoutput commands.getoutput child_process.exec child_process.execSync"
  ).split(" "),
);
/** Shorter texts that are executed are formulas. */
const SHORTEST_RUN = 8;

function* executedTexts(source: Source): Iterable<Found> {
  const howByText = new Map(folds(source).map((fold) => [fold.text, fold.how]));
  for (const call of calls(source)) {
    const text = runText(call);
    if (text === undefined || text.length < SHORTEST_RUN) continue;
    const how = howByText.get(text) ?? `text given to ${call.name}`;
    const isShell = SHELLS.has(call.name);
    if (isShell && howByText.get(text) === undefined && isPlain(source, call)) continue;
    yield {
      text,
      kind: isShell ? kindOfText(text, "shell") : executedKind(source.kind, text),
      offset: call.offset,
      how,
      isExecuted: true,
    };
  }
}

function runText(call: Call): string | undefined {
  const at = RUNNERS.get(call.name) ?? (SHELLS.has(call.name) ? 0 : undefined);
  if (at === undefined) return undefined;
  const last = call.name === "Function" && call.args.length > 1 ? call.args.length - 1 : at;
  return argumentText(call, last);
}

/** The argument is one literal: rules for command lines read it where it stands. */
function isPlain({ tokens }: Source, call: Call): boolean {
  const token = call.args[0]?.token ?? 0;
  return tokens.kind(token) === "string" && tokens.kind(token + 1) !== "string" && tokens.text(token + 1) !== "+";
}

function executedKind(kind: FileKind, text: string): FileKind {
  const bytes = text.charCodeAt(0) === 0xe3 || text.charCodeAt(0) === 0x63 ? readBytes(text) : undefined;
  if (bytes?.kind === "pyc") return "pyc";
  return kind === "pth" ? "python" : kind;
}

/** What decoders of the file give, and other made-up texts of the file gathered in one layer. */
function* foldedTexts(source: Source, executed: ReadonlySet<string>): Iterable<Found> {
  const gathered: string[] = [];
  let first = 0;
  for (const fold of folds(source)) {
    if (fold.isInner || executed.has(fold.text)) continue;
    const offset = source.tokens.start(fold.token);
    const readable = readBytes(fold.text);
    const isOwn = readable !== undefined && (fold.text.length >= SHORTEST_OWN || readable.kind !== "text");
    if (isOwn) yield { text: readable.text, kind: readable.kind, offset, how: fold.how, isExecuted: false };
    else if (isText(fold.text) && gathered.length < MOST_GATHERED)
      first = gathered.push(fold.text) === 1 ? offset : first;
  }
  for (const text of escapedTexts(source))
    if (!executed.has(text) && gathered.length < MOST_GATHERED) gathered.push(text);
  if (gathered.length > 0) {
    yield {
      text: gathered.join("\n"),
      kind: "text",
      offset: first,
      how: "texts put together by the code",
      isExecuted: false,
    };
  }
}

/** Characters from which a made-up text is a layer of its own. */
const SHORTEST_OWN = 200;
const MOST_GATHERED = 2_000;

/** Texts that are given to calls although no literal of the file shows them: concatenations and escapes. */
function* escapedTexts(source: Source): Iterable<string> {
  const { tokens } = source;
  for (const call of calls(source)) {
    for (const argument of call.args.slice(0, MOST_ARGUMENTS)) {
      const { value, token } = argument;
      if (value.kind !== "text" || value.text.length < SHORTEST_TEXT || value.text.length > LONGEST_TEXT) continue;
      const isHidden = value.whole || value.text.includes("://");
      const start = tokens.start(token);
      const isLiteral = [0, 1, 2].some((prefix) => source.text.startsWith(value.text, start + prefix));
      if (isHidden && !isLiteral && isText(value.text)) yield value.text;
    }
  }
}

const MOST_ARGUMENTS = 16;
const SHORTEST_TEXT = 6;
const LONGEST_TEXT = 4_096;

/** Encoded runs in the literals of code, or anywhere in text that has no tokens. */
function* blobTexts(source: Source, budget: DecodeBudget): Iterable<Found> {
  const { tokens } = source;
  let left = budget.blobs;
  if (tokens.length === 0) {
    if (SEARCHED_WHOLE.has(source.kind)) yield* blobsIn(source.text, 0, left);
    return;
  }
  for (let at = 0; at < tokens.length && left > 0; at++) {
    const kind = tokens.kind(at);
    const isLiteral = kind === "string" || kind === "template" || (kind === "name" && SPACED.has(source.kind));
    if (!isLiteral || tokens.end(at) - tokens.start(at) < SHORTEST_BLOB) continue;
    left--;
    yield* blobsIn(tokens.value(at), tokens.start(at), left, true);
  }
}

/** Kinds whose unquoted words may hold encoded text. */
const SPACED: ReadonlySet<FileKind> = new Set(["powershell", "shell", "batch"]);
const SEARCHED_WHOLE: ReadonlySet<FileKind> = new Set([
  "json",
  "yaml",
  "toml",
  "ini",
  "text",
  "xml",
  "msbuild",
  "nuspec",
  "gyp",
  "html",
]);
const SHORTEST_BLOB = 42;

function* blobsIn(text: string, start: number, most: number, isFixed = false): Iterable<Found> {
  for (const { readable, how, offset } of decodedBlobs(text, most)) {
    yield { ...readable, offset: isFixed ? start : start + offset, how, isExecuted: false };
  }
}

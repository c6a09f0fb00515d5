import { type Call, calls, wholeText } from "../languages/calls.ts";
import type { SourceFile } from "../model.ts";
import type { PlainNames } from "./plain-names.ts";
import { disguisesTexts, type Edit, textEdits } from "./plain-texts.ts";

type Source = Pick<SourceFile, "kind" | "text" | "tokens">;

/** Literals without one of which a Python file reaches nothing by a name that it puts together. */
export const DISGUISE_LITERALS: readonly string[] = ["getattr", "__dict__", "vars(", "__import__", "import_module"];

/** A text in pieces, backwards, or decoded where it stands; `"visit_" + name` and `"do_%s" % name` are how programs dispatch. */
const TEXT = `[rbu]{0,2}(?:"[^"\\n]{0,80}"|'[^'\\n]{0,80}')`;
const MADE = `(?:${TEXT}[ \\t]{0,4}(?:\\+[ \\t]{0,4}${TEXT}|%[ \\t]{0,4}\\([ \\t]{0,4}${TEXT}|\\[|\\.(?:replace|translate|swapcase)\\(|\\.format\\([ \\t]{0,4}${TEXT}|\\.join\\([ \\t]{0,4}(?:\\[[ \\t]{0,4}(?:${TEXT}|chr\\()|map\\([ \\t]{0,4}chr\\b|\\(?chr\\()|${TEXT})|(?:bytes|bytearray|chr|__import__|codecs\\.decode|bytes\\.fromhex|(?:base64|binascii)\\.\\w{3,20})\\()`;
const DISGUISED = new RegExp(
  `\\b(?:getattr[ \\t]{0,3}\\([^,\\n]{1,120},[ \\t]{0,8}|(?:__import__|import_module)\\([ \\t]{0,4}|(?:__dict__|(?:vars|globals)\\([^\\n[]{0,80}\\))[ \\t]{0,3}\\[[ \\t]{0,4})${MADE}`,
);

/** Whether a Python program reaches modules or their members by names that it puts together, which no dispatch needs. */
export function disguisesNames(text: string): boolean {
  return DISGUISED.test(text);
}

/** Modules, and functions of them, that say what a program does. */
const TELLING =
  "os|subprocess|sys|socket|requests|urllib|httpx|aiohttp|pickle|marshal|base64|zlib|binascii|codecs|ctypes|winreg|shutil|flask|builtins|platform|getpass|Popen|run|call|system|popen|urlopen|urlretrieve|get|post|loads|b64decode|decompress|request|exec|eval";
const RENAMED = new RegExp(
  `\\b(?:import|,)[ \\t]{1,4}(?:[a-z]{1,20}\\.){0,2}(${TELLING})[ \\t]{1,4}as[ \\t]{1,4}(\\w{1,60})`,
  "g",
);

/** Whether a Python program imports what tells of it under a name that has nothing of its own: no `sp` for subprocess, no `_os`. */
export function renamesImports(text: string): boolean {
  for (const [, name, alias] of text.matchAll(RENAMED)) if (!isShortFor(alias!, name!)) return true;
  return false;
}

/** The letters of the one, without underscores, stand in the other in their order, or the other is a part of it. */
function isShortFor(alias: string, name: string): boolean {
  const [short, long] = [alias.replaceAll("_", "").toLowerCase(), name.toLowerCase()];
  if (short.includes(long)) return true;
  let from = 0;
  for (const letter of short) {
    from = long.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

/**
 * The program with every call written by its plain name, and the same with every text that it puts together as one literal, when some of
 * them are in disguise: `getattr(os, "sys" + "tem")` and the aliases beside it, `"moc.elpmaxe"[::-1]`. Searches for words, and all that is
 * asked of a text, then find what runs. Texts in `executed` stay, being layers of their own. None when nothing is disguised; two, because
 * the second no longer shows what was decoded.
 */
export function plainCalls(source: Source, executed: ReadonlySet<string> = NONE): readonly PlainNames[] {
  const { kind, text } = source;
  const isPython = kind === "python" || kind === "pth";
  if (!isPython && ((kind !== "javascript" && kind !== "typescript") || text.length > LONGEST_SCRIPT)) return [];
  const hasNames = isPython && (disguisesNames(text) || renamesImports(text));
  const texts = hasNames || disguisesTexts(source) ? textEdits(source, executed) : [];
  if (!hasNames && texts.length === 0) return [];
  const names = calls(source).flatMap((call) => [...calleeEdits(source, call), ...memberEdits(source, call)]);
  return [
    ...(hasNames && names.length > 0 ? [edited(source, names, "calls written plainly")] : []),
    ...(texts.length > 0 ? [edited(source, [...names, ...texts], "calls and texts written plainly")] : []),
  ];
}

/** The source with the outermost of the edits, of which there is one at least. */
function edited({ kind, text }: Source, edits: readonly Edit[], how: string): PlainNames {
  const sorted = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const pieces: string[] = [];
  let last = 0;
  for (const edit of sorted) {
    if (edit.start < last) continue;
    pieces.push(text.slice(last, edit.start), edit.text);
    last = edit.end;
  }
  return { text: pieces.join("") + text.slice(last), kind, offset: sorted[0]!.start, how };
}

const NONE: ReadonlySet<string> = new Set();

/** Characters of a script that is read for its texts; bundles hold all forms of them. */
export const LONGEST_SCRIPT = 64_000;

/** A chain of names, of which the first begins a chain known elsewhere. */
const CHAIN = /^[A-Za-z_$][\w$]{0,60}(?:\.[A-Za-z_$][\w$]{0,60}){0,6}$/;
/** A callee of that length was cut. */
const LONGEST = 200;

function calleeEdits(source: Source, { name, written, offset }: Call): Edit[] {
  if (written === name || written.length >= LONGEST || !CHAIN.test(name)) return [];
  return source.text.startsWith(written, offset) ? [{ start: offset, end: offset + written.length, text: name }] : [];
}

/** `getattr(X, "na" + "me")` as `X.name`, where X is what a program computes. */
function memberEdits({ tokens }: Source, { name, offset, args }: Call): Edit[] {
  const [object, member] = args;
  const attribute = wholeText(member?.value);
  if (name !== "getattr" || args.length !== 2 || attribute === undefined || !/^[A-Za-z_]\w{0,60}$/.test(attribute)) {
    return [];
  }
  const close = closing(tokens, member!.token);
  const comma = member!.token - 1;
  if (close < 0 || tokens.text(comma) !== ",") return [];
  return [
    { start: offset, end: tokens.start(object!.token), text: "" },
    { start: tokens.start(comma), end: tokens.end(close), text: `.${attribute}` },
  ];
}

/** Tokens of an argument that is looked through. */
const MOST_TOKENS = 2_000;

/** The bracket that closes the arguments which the token stands in; -1 when it is too far. */
function closing(tokens: Source["tokens"], from: number): number {
  let open = 0;
  for (let at = from; at < tokens.length && at - from < MOST_TOKENS; at++) {
    if (tokens.kind(at) !== "operator") continue;
    const bracket = tokens.text(at);
    if (bracket === "(" || bracket === "[" || bracket === "{") open++;
    else if ((bracket === ")" || bracket === "]" || bracket === "}") && --open < 0) return at;
  }
  return -1;
}

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

/**
 * The program with every call written by its plain name and every text that it puts together as one literal, when some of them are in
 * disguise: `getattr(os, "sys" + "tem")` and the aliases beside it, `"moc.elpmaxe"[::-1]`. Searches for words, and all that is asked of a
 * text, then find what runs. Texts in `executed` stay, being layers of their own. Undefined when nothing is disguised.
 */
export function plainCalls(source: Source, executed: ReadonlySet<string> = NONE): PlainNames | undefined {
  const edits = editsOf(source, executed).sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: string[] = [];
  let last = 0;
  for (const { start, end, text } of edits) {
    if (start < last) continue;
    pieces.push(source.text.slice(last, start), text);
    last = end;
  }
  if (pieces.length === 0) return undefined;
  const text = pieces.join("") + source.text.slice(last);
  return { text, kind: source.kind, offset: edits[0]!.start, how: "calls and texts written plainly" };
}

const NONE: ReadonlySet<string> = new Set();

function editsOf(source: Source, executed: ReadonlySet<string>): Edit[] {
  const { kind, text } = source;
  const isPython = kind === "python" || kind === "pth";
  if (!isPython && ((kind !== "javascript" && kind !== "typescript") || text.length > LONGEST_SCRIPT)) return [];
  const hasNames = isPython && disguisesNames(text);
  const texts = hasNames || disguisesTexts(source) ? textEdits(source, executed) : [];
  if (!hasNames && texts.length === 0) return [];
  return [...calls(source).flatMap((call) => [...calleeEdits(source, call), ...memberEdits(source, call)]), ...texts];
}

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

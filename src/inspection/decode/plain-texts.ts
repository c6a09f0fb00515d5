import { madeTexts } from "../languages/made-texts.ts";
import type { SourceFile } from "../model.ts";

type Source = Pick<SourceFile, "kind" | "text" | "tokens">;

/** A piece of a text that is to be replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const BLANK = `[ \\t]{0,3}`;
const BREAK = `\\s{0,40}`;
const TEXT = `[bru]?["'][^"'\\\\\\n]{0,80}["']`;
/** Characters that are written as escapes although they need none. */
const ESCAPE = `\\\\(?:x[2-7][0-9a-fA-F]|u00[2-7][0-9a-fA-F])`;
/** Literals that meet in the middle of a word or address. */
const SPLIT = `(?<!\\\\)\\w["']${BLANK}\\+${BLANK}\\\\?${BREAK}[bru]?["'][a-z0-9]|\\bhttps?:?/{0,2}["']${BLANK}\\+${BLANK}["']`;
/** How programs put texts together that nobody would write so: backwards, thinned, with fillers, letter by letter, in the middle of words. */
const PYTHON = new RegExp(
  [
    `["']${BLANK}\\[(?:-1)?:{2}(?:-1|-?[2-9])\\]`,
    `["']\\.(?:replace|translate|swapcase)\\(`,
    `["']{2}\\.join\\(${BREAK}[[(]${BREAK}${TEXT},${BREAK}${TEXT}`,
    `["']{2}\\.join\\(${BREAK}(?:map\\(${BLANK}(?:chr|lambda)[^\\n[(]{0,60}[[(]${BREAK}\\d|reversed\\(${BLANK}["']|[[(]?${BLANK}chr\\([^\\n]{1,60} for \\w{1,30} in ${BLANK}(?:[[(]${BREAK}["'\\d]|b?["']))`,
    `(?:%s){2,60}["']${BLANK}%${BLANK}\\(${BREAK}["']`,
    `(?:\\{\\d?\\}){2,60}["']\\.format\\(${BREAK}["']`,
    SPLIT,
    `\\bhttps?:?/{0,2}[\\w.-]{0,60}["'][ \\t]{1,3}["'][\\w/.:]`,
    `(?:b(?:64|32|85)decode|a85decode|a2b_base64)\\(${BREAK}b?["']`,
    `(?:b16decode|unhexlify|a2b_hex|fromhex)\\(${BREAK}b?["'](?:[2-7][0-9a-fA-F]){4}`,
    `\\.decode\\(${BREAK}b?["'][^"'\\n]{4,200}["'],${BLANK}["'](?:hex|rot|base64|zlib|uu|bz2)`,
    `chr\\(${BLANK}\\d{1,3}${BLANK}\\)${BLANK}\\+${BLANK}chr\\(`,
    `bytes\\(${BLANK}(?:\\[${BREAK}(?:\\d{2,3},[ \\t]{0,3}){4}|\\w{1,20}${BLANK}\\^)`,
    `(?:${ESCAPE}){8}`,
  ].join("|"),
);
const SCRIPT = new RegExp(
  [
    `["'\`]\\.split\\(["'\`]{2}\\)\\.reverse\\(`,
    `["'\`]${BREAK},?${BREAK}\\]\\.join\\(["'\`]{2}\\)`,
    `["'\`]{2}\\.concat\\(${BREAK}["'\`]`,
    `["'\`]\\.replace(?:All)?\\(`,
    SPLIT,
    `(?:atob|unescape|decodeURIComponent)\\(${BLANK}["'\`]`,
    `Buffer\\.from\\(${BREAK}["'\`]`,
    `fromCharCode\\(${BREAK}(?:\\d|\\w{1,20}${BLANK}\\^|\\.{3}\\[)`,
    `(?:${ESCAPE}){8}`,
  ].join("|"),
);

/** Whether a Python program or a script holds texts in a form that nobody would write who does not hide them. */
export function disguisesTexts({ kind, text }: Pick<SourceFile, "kind" | "text">): boolean {
  return (kind === "python" || kind === "pth" ? PYTHON : SCRIPT).test(text);
}

/** Literals without one of which a script puts together no text. */
export const PIECE_LITERALS: readonly string[] = [
  ...[
    "'+'",
    '"+"',
    "' + '",
    '" + "',
    "'+\"",
    "\"+'",
    "''.concat(",
    '"".concat(',
    ".reverse()",
    "'].join(",
    '"].join(',
    "atob(",
  ],
  ...["fromcharcode", "buffer.from(", "unescape(", "decodeuricomponent(", "\\x6", "\\x7", "\\u006", "\\u007"],
];
const PIECES = `(?:["'\`][\\w$:/]{1,40}["'\`]${BLANK}[+.]|\\[${BLANK}["'\`]|atob\\(|String\\.from|Buffer\\.from\\(${BLANK}["'\`])`;
const NAMED = new RegExp(
  `\\b(?:require|import|_load|getBuiltinModule)\\(${BLANK}${PIECES}|\\[${BLANK}${PIECES}[^\\n]{0,200}\\]\\(`,
);

/** Whether a script names a module or a member that it calls by a text that it puts together. */
export function namesInPieces(text: string): boolean {
  return NAMED.test(text);
}

/** Each text that the program puts together as the literal that it is, unless it is `executed`. */
export function textEdits(source: Source, executed: ReadonlySet<string>): Edit[] {
  const { tokens, text } = source;
  let room = MOST_WRITTEN;
  const edits: Edit[] = [];
  for (const { from, to, text: value, isBytes } of madeTexts(source)) {
    if (executed.has(value)) continue;
    room -= value.length;
    if (room < 0) break;
    edits.push({ start: tokens.start(from), end: tokens.end(to - 1), text: written(value, isBytes) });
  }
  if (ESCAPED.test(text)) edits.push(...escapedLiterals(source));
  return edits;
}

/** Characters of all texts that are written into one program. */
const MOST_WRITTEN = 1 << 20;
const ESCAPED = new RegExp(`${ESCAPE}.{0,200}${ESCAPE}`);

function escapedLiterals({ tokens, text }: Source): Edit[] {
  const edits: Edit[] = [];
  for (let at = 0; at < tokens.length && edits.length < MOST_LITERALS; at++) {
    if (tokens.kind(at) !== "string") continue;
    const start = tokens.start(at);
    const end = tokens.end(at);
    if (
      end - start > LONGEST ||
      /^\w{0,2}[rf]/i.test(text.slice(start, start + 3)) ||
      !ESCAPED.test(text.slice(start, end))
    )
      continue;
    edits.push({ start, end, text: written(tokens.value(at), /^b/i.test(text.charAt(start))) });
  }
  return edits;
}

const MOST_LITERALS = 20_000;
const LONGEST = 65_536;

/** A literal of both languages. */
function written(value: string, isBytes: boolean): string {
  if (!isBytes) return JSON.stringify(value);
  const body = value.replace(/[\\"]|[^ -~]/g, (byte) => {
    if (byte === "\\" || byte === '"') return `\\${byte}`;
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `b"${body}"`;
}

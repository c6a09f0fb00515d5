/**
 * The shape of code: a sequence of numbers that stays the same when variables are renamed, literals changed, comments added or
 * lines reformatted. Names of the language and of members (`os.environ`, `child_process.exec`) stay, because they cannot be chosen freely.
 */

/** How comments begin in a language. */
export type Comments = "hash" | "slash";

/** Tokens of one text at most; the rest is not looked at. */
export const MOST_TOKENS = 4_096;

/** The shape of a text (its bytes, ASCII apart from literals and comments). One pass, no backtracking. */
export function shapeOf(bytes: Uint8Array, comments: Comments): Uint32Array {
  const shape = new Uint32Array(MOST_TOKENS);
  let length = 0;
  let at = 0;
  const push = (token: number) => {
    length = folded(shape, length, token);
  };
  while (at < bytes.length && length < MOST_TOKENS) {
    const byte = bytes[at]!;
    const kind = byte < 128 ? KINDS[byte]! : WORD;
    if (kind === BLANK) at++;
    else if (kind === WORD) {
      const end = endOfWord(bytes, at);
      push(wordAt(bytes, at, end, length === 0 ? 0 : shape[length - 1]!));
      at = end;
    } else if (kind === DIGIT) {
      at = endOfWord(bytes, at);
      push(NUMBER);
    } else if (kind === QUOTE) {
      at = endOfString(bytes, at, byte);
      push(STRING);
    } else if (byte === HASH && comments === "hash") at = endOfLine(bytes, at);
    else if (byte === SLASH && comments === "slash" && bytes[at + 1] === SLASH) at = endOfLine(bytes, at);
    else if (byte === SLASH && comments === "slash" && bytes[at + 1] === STAR) at = endOfBlock(bytes, at + 2);
    else {
      at++;
      push(byte);
    }
  }
  return shape.subarray(0, length);
}

const [BLANK, WORD, DIGIT, QUOTE, OTHER] = [0, 1, 2, 3, 4];
const [HASH, SLASH, STAR, DOT, PLUS, COMMA, BACKSLASH, NEWLINE] = [35, 47, 42, 46, 43, 44, 92, 10];
/** Tokens without a text of their own; above every byte. */
const [NAME, NUMBER, STRING] = [1_000, 1_001, 1_002];

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  if (/[\s;\\\x00-\x1f\x7f]/.test(letter)) return BLANK;
  if (/[A-Za-z_$]/.test(letter)) return WORD;
  if (/[0-9]/.test(letter)) return DIGIT;
  return /["'`]/.test(letter) ? QUOTE : OTHER;
});

/** Adds a token; pieces of a string that are put together, and lists of literals, count once however many there are. */
function folded(shape: Uint32Array, length: number, token: number): number {
  if (token === STRING || token === NUMBER) {
    const before = length === 0 ? 0 : shape[length - 1]!;
    if (before === token) return length;
    if ((before === PLUS || before === COMMA) && length > 1 && shape[length - 2] === token) return length - 1;
  }
  shape[length] = token;
  return length + 1;
}

/** A word of the language or of an interface as its hash, any other as NAME. */
function wordAt(bytes: Uint8Array, start: number, end: number, before: number): number {
  const hash = hashOf(bytes, start, end);
  // Prefixes of Python's literals are part of them.
  if (end - start <= 2 && (bytes[end] === 34 || bytes[end] === 39)) return STRING;
  return before === DOT || KEYWORDS.has(hash) || IMPORTS.has(before) ? hash : NAME;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  // Never one of the small numbers that stand for other tokens.
  return (hash | 0x80000000) >>> 0;
}

function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte < 128 && KINDS[byte] !== WORD && KINDS[byte] !== DIGIT) break;
  }
  return at;
}

function endOfString(bytes: Uint8Array, start: number, quote: number): number {
  const isTriple = quote !== 96 && bytes[start + 1] === quote && bytes[start + 2] === quote;
  let at = start + (isTriple ? 3 : 1);
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) at++;
    else if (byte === quote && (!isTriple || (bytes[at + 1] === quote && bytes[at + 2] === quote)))
      return at + (isTriple ? 3 : 1);
    // An apostrophe in a regular expression or in prose must not swallow what follows.
    else if (byte === NEWLINE && !isTriple && quote !== 96) return at;
  }
  return at;
}

function endOfLine(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(NEWLINE, start);
  return end < 0 ? bytes.length : end;
}

function endOfBlock(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) if (bytes[at] === STAR && bytes[at + 1] === SLASH) return at + 2;
  return bytes.length;
}

const KEYWORDS = wordsOf(
  "and as assert async await break case catch class const continue debugger def default del delete do elif else except export extends " +
    "finally for from function global if import in instanceof is lambda let new nonlocal not null or pass raise return static super switch " +
    "this throw true try typeof undefined var void while with yield False None True self require module exports process globalThis window " +
    "eval exec compile open print input getattr setattr globals __import__ bytes bytearray chr ord str int len range map join super setup " +
    "Buffer Function setTimeout setInterval fetch XMLHttpRequest JSON Object Array String atob btoa unescape encodeURIComponent " +
    "param foreach function Invoke Expression New Object Start Process",
);
const IMPORTS = wordsOf("import from");

function wordsOf(words: string): ReadonlySet<number> {
  return new Set(words.split(" ").map((word) => hashOf(Buffer.from(word), 0, word.length)));
}

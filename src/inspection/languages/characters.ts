/** Character classes shared by the lexers, as bits per ASCII code; from 128 on see `isWordAt`. */

export const SPACE = 1; // blank, tab, vertical tab, form feed, NUL
export const LINE = 2; // line feed, carriage return
export const DIGIT = 4;
export const WORD = 8; // letters, digits, underscore
export const HEX = 16;

/** Stands behind the text: a control character of no class, so that looking ahead needs no bounds. */
export const BEHIND = 3;
/** Characters that a lexer looks ahead, at most. */
const AHEAD = 16;
/** Characters up to which one buffer is used again and again; larger texts get their own. */
const KEPT = 1 << 20;
let kept = new Uint16Array(1 << 16);

/**
 * The characters of `text` as numbers, followed by some that belong to no token; valid until the next call. Reading numbers from
 * an array costs less than half of asking the string for each.
 */
export function codesOf(text: string): Uint16Array {
  const needed = text.length + AHEAD;
  let codes = kept;
  if (needed > kept.length) {
    codes = new Uint16Array(needed > KEPT ? needed : Math.min(KEPT, needed * 2));
    if (needed <= KEPT) kept = codes;
  }
  Buffer.from(codes.buffer).write(text, "utf16le");
  codes.fill(BEHIND, text.length, needed);
  return codes;
}

const CLASSES = new Uint8Array(128);
mark(" \t\v\f\0", SPACE);
mark("\n\r", LINE);
mark("0123456789", DIGIT | WORD | HEX);
mark("abcdefABCDEF", HEX);
mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", WORD);

/** The class bits of an ASCII code; 0 for everything from 128 on. */
export function classOf(code: number): number {
  return code < 128 ? CLASSES[code]! : 0;
}

/** Whether the character belongs to a word: ASCII word characters and, tolerantly, everything else that is not a blank. */
export function isWord(code: number): boolean {
  return code < 128 ? (CLASSES[code]! & WORD) !== 0 : code >= 128 && !isWideSpace(code);
}

/** Blanks outside ASCII: no-break space, the Unicode spaces and separators, the byte order mark. */
export function isWideSpace(code: number): boolean {
  if (code < 0x1680) return code === 0xa0 || code === 0x85;
  if (code >= 0x2000 && code <= 0x200a) return true;
  return (
    code === 0x1680 ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}

/** The offset after the word that goes on at `at`. */
export function skipWord(codes: Uint16Array, at: number): number {
  let end = at;
  for (;;) {
    const code = codes[end]!;
    if (code < 128 ? (CLASSES[code]! & WORD) === 0 : !isWord(code)) return end;
    end++;
  }
}

/** The offset of the next line feed or carriage return before `last`, or `last`. */
export function skipToLineEnd(codes: Uint16Array, at: number, last: number): number {
  let end = at;
  while (end < last) {
    const code = codes[end]!;
    if (code === 10 || code === 13) break;
    end++;
  }
  return end;
}

/** The offset after the number that starts at `at`: all the forms of Python and JavaScript, tolerantly. */
export function skipNumber(codes: Uint16Array, at: number): number {
  if (codes[at]! === 48) {
    const base = codes[at + 1]! | 32;
    if (base === 120 || base === 111 || base === 98) return skipSuffix(codes, skipDigits(codes, at + 2, HEX));
  }
  let end = skipDigits(codes, at, DIGIT);
  if (codes[end]! === 46) end = skipDigits(codes, end + 1, DIGIT);
  if ((codes[end]! | 32) === 101) end = skipExponent(codes, end);
  return skipSuffix(codes, end);
}

function mark(characters: string, bit: number): void {
  for (const character of characters) CLASSES[character.charCodeAt(0)]! |= bit;
}

function skipDigits(codes: Uint16Array, at: number, bit: number): number {
  let end = at;
  for (let code = codes[end]!; code === 95 || (classOf(code) & bit) !== 0; code = codes[end]!) end++;
  return end;
}

function skipExponent(codes: Uint16Array, at: number): number {
  const sign = codes[at + 1]!;
  const from = sign === 43 || sign === 45 ? at + 2 : at + 1;
  return (classOf(codes[from]!) & DIGIT) === 0 ? at : skipDigits(codes, from, DIGIT);
}

/** `n` of a BigInt, `j` of an imaginary number, `l` of Python 2. */
function skipSuffix(codes: Uint16Array, at: number): number {
  const suffix = codes[at]! | 32;
  return (suffix === 110 || suffix === 106 || suffix === 108) && !isWord(codes[at + 1]!) ? at + 1 : at;
}

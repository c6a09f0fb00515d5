/** Character classes shared by the lexers, as bits per ASCII code; from 128 on see `isWordAt`. */

export const SPACE = 1; // blank, tab, vertical tab, form feed, NUL
export const LINE = 2; // line feed, carriage return
export const DIGIT = 4;
export const WORD = 8; // letters, digits, underscore
export const HEX = 16;

const CLASSES = new Uint8Array(128);
mark(" \t\v\f\0", SPACE);
mark("\n\r", LINE);
mark("0123456789", DIGIT | WORD | HEX);
mark("abcdefABCDEF", HEX);
mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", WORD);

/** The class bits of an ASCII code; 0 for NaN, which `charCodeAt` gives past the end, and for everything from 128 on. */
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
export function skipWord(text: string, at: number): number {
  let end = at;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code < 128 ? (CLASSES[code]! & WORD) === 0 : !isWord(code)) return end;
    end++;
  }
}

/** The offset of the next line feed or carriage return, or the end of the text. */
export function skipToLineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === 10 || code === 13) break;
    end++;
  }
  return end;
}

/** The offset after the number that starts at `at`: all the forms of Python and JavaScript, tolerantly. */
export function skipNumber(text: string, at: number): number {
  if (text.charCodeAt(at) === 48) {
    const base = text.charCodeAt(at + 1) | 32;
    if (base === 120 || base === 111 || base === 98) return skipSuffix(text, skipDigits(text, at + 2, HEX));
  }
  let end = skipDigits(text, at, DIGIT);
  if (text.charCodeAt(end) === 46) end = skipDigits(text, end + 1, DIGIT);
  if ((text.charCodeAt(end) | 32) === 101) end = skipExponent(text, end);
  return skipSuffix(text, end);
}

function mark(characters: string, bit: number): void {
  for (const character of characters) CLASSES[character.charCodeAt(0)]! |= bit;
}

function skipDigits(text: string, at: number, bit: number): number {
  let end = at;
  for (let code = text.charCodeAt(end); code === 95 || (classOf(code) & bit) !== 0; code = text.charCodeAt(end)) end++;
  return end;
}

function skipExponent(text: string, at: number): number {
  const sign = text.charCodeAt(at + 1);
  const from = sign === 43 || sign === 45 ? at + 2 : at + 1;
  return (classOf(text.charCodeAt(from)) & DIGIT) === 0 ? at : skipDigits(text, from, DIGIT);
}

/** `n` of a BigInt, `j` of an imaginary number, `l` of Python 2. */
function skipSuffix(text: string, at: number): number {
  const suffix = text.charCodeAt(at) | 32;
  return (suffix === 110 || suffix === 106 || suffix === 108) && !isWord(text.charCodeAt(at + 1)) ? at + 1 : at;
}

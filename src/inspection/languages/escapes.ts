/** What the escapes inside string literals stand for, per language. All are linear, and no input is an error. */

/** The value of the inside of a Python literal: `bytes` knows no `\u` and `\N`, a raw one only joins line ends. */
export function pythonEscapes(inside: string, bytes: boolean, raw: boolean): string {
  const body = inside.includes("\r") ? inside.replace(/\r\n?/g, "\n") : inside;
  if (raw || !body.includes("\\")) return body;
  return body.replace(PYTHON_ESCAPE, (written: string) => {
    const kind = written.charCodeAt(1);
    if (kind === 0x4e /* N */) return bytes ? written : namedCharacter(written);
    if (bytes && (kind === 0x75 || kind === 0x55)) return written;
    if (written.length > 2 && kind > 0x39) return codePoint(Number.parseInt(written.slice(2), 16), written);
    if (kind >= 0x30 && kind <= 0x37)
      return String.fromCharCode(Number.parseInt(written.slice(1), 8) & (bytes ? 255 : 511));
    return PYTHON_SINGLE[written.charAt(1)] ?? written;
  });
}

/** The value of the inside of a JavaScript string or template piece. */
export function javascriptEscapes(inside: string): string {
  if (!inside.includes("\\")) return inside;
  return inside.replace(JAVASCRIPT_ESCAPE, (written: string) => {
    const kind = written.charCodeAt(1);
    if (written.length > 2 && (kind === 0x75 || kind === 0x78)) return unicodeEscape(written);
    if (kind >= 0x30 && kind <= 0x37) return String.fromCharCode(Number.parseInt(written.slice(1), 8));
    if (kind === 0x0d || kind === 0x0a || kind === 0x2028 || kind === 0x2029) return "";
    return JAVASCRIPT_SINGLE[written.charAt(1)] ?? written.slice(1);
  });
}

/** A JavaScript identifier with its `\u` escapes resolved. */
export function javascriptName(name: string): string {
  if (!name.includes("\\")) return name;
  return name.replace(/\\u(?:\{[0-9a-fA-F]{1,12}\}|[0-9a-fA-F]{4})/g, unicodeEscape);
}

/** PowerShell's backtick escapes. */
export function backtickEscapes(inside: string): string {
  if (!inside.includes("`")) return inside;
  return inside.replace(/`(?:u\{([0-9a-fA-F]{1,6})\}|\r\n|[\s\S])/g, (written: string, hex?: string) => {
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16), written);
    const code = written.charCodeAt(1);
    if (code === 10 || code === 13) return "";
    return BACKTICK_SINGLE[written.charAt(1)] ?? written.slice(1);
  });
}

const PYTHON_ESCAPE =
  /\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[A-Za-z0-9 -]{1,88}\}|[\s\S])/g;
const PYTHON_SINGLE: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const JAVASCRIPT_ESCAPE =
  /\\(?:u\{[0-9a-fA-F]{1,12}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-3][0-7]{0,2}|[4-7][0-7]?|\r\n|[\s\S])/g;
const JAVASCRIPT_SINGLE: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const BACKTICK_SINGLE: Readonly<Record<string, string>> = {
  ...JAVASCRIPT_SINGLE,
  "0": "\0",
  a: "\x07",
  e: "\x1b",
};

function unicodeEscape(written: string): string {
  const digits = written.charAt(2) === "{" ? written.slice(3, -1) : written.slice(2);
  return codePoint(Number.parseInt(digits, 16), written);
}

function codePoint(code: number, otherwise: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

/** Unicode names of the ASCII characters, because code can be spelt with them; others stay as written. */
function namedCharacter(written: string): string {
  const name = written.slice(3, -1).toUpperCase();
  const letter = /^LATIN (SMALL|CAPITAL) LETTER ([A-Z])$/.exec(name);
  if (letter) return letter[1] === "SMALL" ? letter[2]!.toLowerCase() : letter[2]!;
  const digit = DIGIT_NAMES.indexOf(name.startsWith("DIGIT ") ? name.slice(6) : "");
  return digit >= 0 ? String(digit) : (PUNCTUATION_NAMES[name] ?? written);
}

const DIGIT_NAMES = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"];
const PUNCTUATION_NAMES: Readonly<Record<string, string>> = {
  SPACE: " ",
  "EXCLAMATION MARK": "!",
  "QUOTATION MARK": '"',
  "NUMBER SIGN": "#",
  "DOLLAR SIGN": "$",
  "PERCENT SIGN": "%",
  AMPERSAND: "&",
  APOSTROPHE: "'",
  "LEFT PARENTHESIS": "(",
  "RIGHT PARENTHESIS": ")",
  ASTERISK: "*",
  "PLUS SIGN": "+",
  COMMA: ",",
  "HYPHEN-MINUS": "-",
  "FULL STOP": ".",
  SOLIDUS: "/",
  COLON: ":",
  SEMICOLON: ";",
  "LESS-THAN SIGN": "<",
  "EQUALS SIGN": "=",
  "GREATER-THAN SIGN": ">",
  "QUESTION MARK": "?",
  "COMMERCIAL AT": "@",
  "LEFT SQUARE BRACKET": "[",
  "REVERSE SOLIDUS": "\\",
  "RIGHT SQUARE BRACKET": "]",
  "CIRCUMFLEX ACCENT": "^",
  "LOW LINE": "_",
  "GRAVE ACCENT": "`",
  "LEFT CURLY BRACKET": "{",
  "VERTICAL LINE": "|",
  "RIGHT CURLY BRACKET": "}",
  TILDE: "~",
};

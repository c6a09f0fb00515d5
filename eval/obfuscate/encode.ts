import { deflateSync } from "node:zlib";
import { isPlain, javascriptLiterals, type Literal, pythonLiterals, quoted } from "./literals.ts";
import type { Obfuscation } from "./obfuscation.ts";
import type { Random } from "./random.ts";
import { edited } from "./source.ts";
import { headEnd } from "./statements.ts";

/** Literals become calls that decode them. */
export const encode: Obfuscation = {
  name: "encode",
  what: "literals as base64, base32, hex, zlib, numbers, shifted or XORed characters, with the call that decodes them",
  python({ text, tokens }, random) {
    const names = { base64: random.name(), codecs: random.name(), zlib: random.name() };
    const imports = Object.entries(names).map(([module, name]) => `import ${module} as ${name}\n`);
    const edits = pythonLiterals(tokens)
      .filter(({ value }) => isPlain(value))
      .map((literal) => decoded(literal, names, random));
    const at = headEnd({ text, tokens });
    return edits.length === 0 ? text : edited(text, [{ start: at, end: at, text: imports.join("") }, ...edits]);
  },
  javascript: ({ text, tokens }, random) =>
    edited(
      text,
      javascriptLiterals(tokens).map(({ start, end, value }) => ({
        start,
        end,
        text: random.pick(SCRIPT)(value, random),
      })),
    ),
};

interface Names {
  readonly base64: string;
  readonly codecs: string;
  readonly zlib: string;
}

function decoded({ start, end, value, isBytes }: Literal, names: Names, random: Random) {
  const bytes = isBytes ? Buffer.from(value, "latin1") : Buffer.from(value, "utf8");
  const isLong = bytes.length > LONGEST_LIST;
  if (!isBytes && !isLong && random.below(2) === 0) {
    return { start, end, text: ` ${random.pick(CHARACTERS)(value, random, names)}` };
  }
  const written = random.pick(isLong ? PACKED : [...PACKED, ...LISTED])(bytes, random, names);
  return { start, end, text: ` ${written}${isBytes ? "" : random.pick([".decode()", '.decode("utf-8")'])}` };
}

/** Bytes that are listed one by one. */
const LONGEST_LIST = 4_000;

type OfBytes = (bytes: Buffer, random: Random, names: Names) => string;
type OfText = (text: string, random: Random, names: Names) => string;

const PACKED: readonly OfBytes[] = [
  (bytes, _, { base64 }) => `${base64}.b64decode("${bytes.toString("base64")}")`,
  (bytes) => `__import__("base64").b64decode(b"${bytes.toString("base64")}")`,
  (bytes, _, { base64 }) =>
    `${base64}.urlsafe_b64decode("${bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_")}")`,
  (bytes, _, { base64 }) => `${base64}.b16decode("${bytes.toString("hex").toUpperCase()}")`,
  (bytes, _, { base64 }) => `${base64}.b32decode("${base32(bytes)}")`,
  (bytes) => `bytes.fromhex("${bytes.toString("hex")}")`,
  (bytes) => `__import__("binascii").unhexlify("${bytes.toString("hex")}")`,
  (bytes, _, { codecs }) => `${codecs}.decode("${bytes.toString("hex")}", "hex")`,
  (bytes, _, { zlib, base64 }) => `${zlib}.decompress(${base64}.b64decode("${deflateSync(bytes).toString("base64")}"))`,
];

const LISTED: readonly OfBytes[] = [
  (bytes) => `bytes([${[...bytes].join(", ")}])`,
  (bytes, random) => {
    const key = 1 + random.below(254);
    return `bytes(c ^ ${key} for c in [${[...bytes].map((byte) => byte ^ key).join(", ")}])`;
  },
];

const CHARACTERS: readonly OfText[] = [
  (text) => `"".join(map(chr, [${codes(text).join(", ")}]))`,
  (text) => `"".join([chr(c) for c in (${codes(text).join(", ")},)])`,
  (text) =>
    `(${codes(text)
      .map((code) => `chr(${code})`)
      .join(" + ")})`,
  (text, random) => {
    const shift = 1 + random.below(20);
    return `"".join(chr(c - ${shift}) for c in [${codes(text)
      .map((code) => code + shift)
      .join(", ")}])`;
  },
  (text, random) => {
    const key = 1 + random.below(100);
    return `"".join(chr(ord(c) ^ ${key}) for c in ${quoted(
      codes(text)
        .map((code) => String.fromCharCode(code ^ key))
        .join(""),
    )})`;
  },
  (text, _, { codecs }) => `${codecs}.decode(${quoted(rot13(text))}, "rot13")`,
  (text) =>
    `"${codes(text)
      .map((code) => (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`))
      .join("")}"`,
];

const SCRIPT: readonly ((text: string, random: Random) => string)[] = [
  (text) => `Buffer.from("${Buffer.from(text).toString("base64")}", "base64").toString()`,
  (text) => `Buffer.from("${Buffer.from(text).toString("hex")}", "hex").toString("utf8")`,
  (text) => `String.fromCharCode(${codes(text).join(", ")})`,
  (text) =>
    `decodeURIComponent("${[...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}")`,
  (text, random) => {
    const key = 1 + random.below(100);
    return `[${codes(text)
      .map((code) => code ^ key)
      .join(", ")}].map((c) => String.fromCharCode(c ^ ${key})).join("")`;
  },
];

function codes(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter < "a" ? 65 : 97;
    return String.fromCharCode(base + ((letter.charCodeAt(0) - base + 13) % 26));
  });
}

/** https://www.rfc-editor.org/rfc/rfc4648#section-6 */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{1,5}/g) ?? [])
    .map((five) => ALPHABET.charAt(Number.parseInt(five.padEnd(5, "0"), 2)))
    .join("");
  return letters.padEnd(Math.ceil(letters.length / 8) * 8, "=");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

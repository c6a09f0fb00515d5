import { createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/**
 * What decoders of the languages' standard libraries give, on texts of one character per byte. Each gives undefined for
 * input that it cannot read, and decompression stops at `MOST_DECODED`. Tolerant where the real ones are.
 */

/** Bytes that one decoder may give. */
export const MOST_DECODED = 16 << 20;

/** Base64 of either alphabet, white space ignored; undefined when other characters occur or there are fewer than two. */
export function base64(text: string): string | undefined {
  const body = text.replace(/[\s=]+/g, "");
  if (body.length < 2 || !/^[A-Za-z0-9+/_-]+$/.test(body)) return undefined;
  return Buffer.from(body, "base64").toString("latin1");
}

/** Base32 of RFC 4648, either case. */
export function base32(text: string): string | undefined {
  const body = text.replace(/[\s=]+/g, "").toUpperCase();
  if (body.length < 2 || !/^[A-Z2-7]+$/.test(body)) return undefined;
  const bytes = Buffer.alloc(Math.floor((body.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const character of body) {
    value = ((value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (value >>> bits) & 255;
  }
  return bytes.toString("latin1");
}

/** Pairs of hexadecimal digits; white space and colons between them are ignored. */
export function hex(text: string): string | undefined {
  const body = text.replace(/[\s:]+/g, "");
  if (body.length < 2 || body.length % 2 === 1 || !/^[0-9a-fA-F]+$/.test(body)) return undefined;
  return Buffer.from(body, "hex").toString("latin1");
}

const BASE85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/** Base85 as Python's `b85decode` reads it. */
export function base85(text: string): string | undefined {
  return fives(text, (character) => BASE85.indexOf(character), 84);
}

/** Ascii85 as Python's `a85decode` and Adobe read it, with `z`, `<~` and `~>`. */
export function ascii85(text: string): string | undefined {
  const body = text
    .replace(/^<~|~>$/g, "")
    .replace(/\s+/g, "")
    .replaceAll("z", "!!!!!");
  return fives(body, (character) => character.charCodeAt(0) - 33, 84);
}

function fives(text: string, digitOf: (character: string) => number, padding: number): string | undefined {
  if (text.length < 2) return undefined;
  const out: number[] = [];
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (let place = 0; place < 5; place++) {
      const digit = at + place < text.length ? digitOf(text.charAt(at + place)) : padding;
      if (digit < 0 || digit > 84) return undefined;
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) return undefined;
    const count = Math.min(4, text.length - at - 1);
    for (let byte = 0; byte < count; byte++) out.push((value >>> (24 - 8 * byte)) & 255);
  }
  return Buffer.from(out).toString("latin1");
}

/** Letters moved by 13 places. */
export function rot13(text: string): string {
  return text.replace(/[a-zA-Z]/g, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** What a zlib, gzip, raw deflate or brotli stream holds; the format is told by its first bytes, brotli only when asked for. */
export function inflate(text: string, format: "any" | "brotli" = "any"): string | undefined {
  const bytes = Buffer.from(text, "latin1");
  const options = { maxOutputLength: MOST_DECODED };
  try {
    if (format === "brotli") return brotliDecompressSync(bytes, options).toString("latin1");
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, options).toString("latin1");
    if ((bytes[0]! & 15) === 8 && bytes.length > 2 && bytes.readUInt16BE(0) % 31 === 0) {
      return inflateSync(bytes, options).toString("latin1");
    }
    return inflateRawSync(bytes, options).toString("latin1");
  } catch {
    return undefined; // no such stream, or larger than the bound
  }
}

/** Each byte exclusive-or the key, which repeats. */
export function xor(text: string, key: string): string | undefined {
  if (key.length === 0) return undefined;
  const bytes = Buffer.from(text, "latin1");
  const pad = Buffer.from(key, "latin1");
  for (let at = 0; at < bytes.length; at++) bytes[at]! ^= pad[at % pad.length]!;
  return bytes.toString("latin1");
}

/** The content of a Fernet token, when its signature holds under `key`. https://github.com/fernet/spec */
export function fernet(token: string, key: string): string | undefined {
  const keys = Buffer.from(base64(key) ?? "", "latin1");
  const bytes = Buffer.from(base64(token) ?? "", "latin1");
  if (keys.length !== 32 || bytes.length < 73 || bytes[0] !== 0x80) return undefined;
  const signature = createHmac("sha256", keys.subarray(0, 16)).update(bytes.subarray(0, -32)).digest();
  if (!timingSafeEqual(signature, bytes.subarray(-32))) return undefined;
  return aes(
    bytes.subarray(25, -32).toString("latin1"),
    keys.subarray(16).toString("latin1"),
    "cbc",
    bytes.subarray(9, 25).toString("latin1"),
  );
}

/** What AES gives in the mode, with or without padding; the key has 16, 24 or 32 bytes. */
export function aes(
  text: string,
  key: string,
  mode: "cbc" | "ecb" | "ctr" | "cfb8" | "cfb" | "ofb",
  iv: string,
): string | undefined {
  if (key.length !== 16 && key.length !== 24 && key.length !== 32) return undefined;
  const bytes = Buffer.from(text, "latin1");
  const nonce = mode === "ecb" ? null : Buffer.from(iv, "latin1");
  for (const padded of [true, false]) {
    try {
      const cipher = createDecipheriv(`aes-${key.length * 8}-${mode}`, Buffer.from(key, "latin1"), nonce);
      cipher.setAutoPadding(padded);
      return Buffer.concat([cipher.update(bytes), cipher.final()]).toString("latin1");
    } catch {
      // wrong padding: once more without; wrong lengths: gives up below
    }
  }
  return undefined;
}

/** `%41` and `%u0041` as JavaScript's `unescape`, or `%C3%A9` as UTF-8. */
export function percent(text: string, utf8: boolean): string {
  if (!utf8) {
    return text.replace(/%(?:u([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))/g, (_, wide?: string, narrow?: string) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow ?? "0", 16)),
    );
  }
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}

/** Bytes as text in the encoding that Python, JavaScript or .NET calls `name`; UTF-8 when it is not known. */
export function decodeAs(text: string, name: string): string {
  const bytes = Buffer.from(text, "latin1");
  const encoding = name.toLowerCase().replace(/[-_\s]/g, "");
  if (encoding === "utf16" || encoding === "utf16le" || encoding === "ucs2" || encoding === "unicode") {
    return bytes.toString("utf16le").replace(/^\ufeff/, "");
  }
  if (/^(?:latin1?|iso88591|l1|binary|cp1252|windows1252)$/.test(encoding)) return text;
  return bytes.toString("utf8");
}

import { base64, hex, inflate } from "../languages/codecs.ts";
import { type Readable, readBytes } from "./readable.ts";

/** A run of encoded characters, and what it says. */
export interface Blob {
  readonly readable: Readable;
  /** The decodings: `base64, zlib`. */
  readonly how: string;
  readonly offset: number;
}

/** Characters from which a run is tried: shorter ones are identifiers, digests and keys. */
const SHORTEST = 40;
/** Decodings inside each other of one run. */
const MOST_STEPS = 5;

/**
 * What runs of base64 or hexadecimal characters in `text` say, where that is text, a program or an archive. Finds what is
 * decoded elsewhere or by code that nothing else here reads. At most `most` runs are tried.
 */
export function* decodedBlobs(text: string, most: number): Iterable<Blob> {
  let left = most;
  for (const { offset, run } of runsIn(text)) {
    if (left-- <= 0) return;
    const decoded = decodeRun(run);
    if (decoded !== undefined) yield { ...decoded, offset };
  }
}

/** Read by hand: for a run of some megabytes an expression would need more stack than there is. */
function* runsIn(text: string): Iterable<{ readonly offset: number; readonly run: string }> {
  for (let at = 0; at < text.length; at++) {
    const offset = at;
    while (isEncoded(text.charCodeAt(at))) at++;
    if (at - offset < SHORTEST) continue;
    for (let padding = 0; padding < 2 && text[at] === "="; padding++) at++;
    yield { offset, run: text.slice(offset, at) };
  }
}

/** A letter, a digit, or one of `+/_-`. */
function isEncoded(code: number): boolean {
  const letter = code | 32;
  return (letter >= 97 && letter <= 122) || (code >= 47 && code <= 57) || code === 43 || code === 45 || code === 95;
}

function decodeRun(run: string): Omit<Blob, "offset"> | undefined {
  let bytes = run;
  let how = "";
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = decodeStep(bytes, step === 0);
    if (next === undefined) break;
    bytes = next.bytes;
    how += `${how === "" ? "" : ", "}${next.how}`;
  }
  if (how === "") return undefined;
  const readable = readBytes(bytes);
  return readable === undefined ? undefined : { readable, how };
}

interface Step {
  readonly bytes: string;
  readonly how: string;
}

/** One decoding of the whole: compression by its first bytes, else hexadecimal, else base64. */
function decodeStep(bytes: string, isFirst: boolean): Step | undefined {
  const plain = isFirst ? undefined : decompressed(bytes);
  if (plain !== undefined) return { bytes: plain, how: "compressed" };
  if (!isFirst && (bytes.length < SHORTEST || !WHOLE.test(bytes))) return undefined;
  if (HEX.test(bytes)) {
    const decoded = hex(bytes.trim().length % 2 === 0 ? bytes : bytes.trim().slice(0, -1));
    return decoded === undefined ? undefined : { bytes: decoded, how: "hex" };
  }
  if (!VARIED.test(bytes.slice(0, 2_000))) return undefined;
  const decoded = base64(bytes);
  return decoded === undefined ? undefined : { bytes: decoded, how: "base64" };
}

const WHOLE = /^[A-Za-z0-9+/_=\s-]+$/;
const HEX = /^[0-9a-fA-F\s]+$/;
/** Base64 of text has letters of both cases and, in so long a run, digits. */
const VARIED = /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])/s;

function decompressed(bytes: string): string | undefined {
  const first = bytes.charCodeAt(0);
  const second = bytes.charCodeAt(1);
  const isZlib = first === 0x78 && (first * 256 + second) % 31 === 0;
  return isZlib || (first === 0x1f && second === 0x8b) ? inflate(bytes) : undefined;
}

import { isAscii, isUtf8 } from "node:buffer";

/**
 * The text of a file: UTF-16 or UTF-8 where a byte order mark says so, else UTF-8 where the bytes are valid, else latin1 (one
 * character a byte, so nothing is lost). The mark itself is left out.
 */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeBigEndian(bytes);
  if (isAscii(bytes)) return bytes.toString("latin1");
  if (!isUtf8(bytes)) return bytes.toString("latin1");
  return bytes.toString("utf8", bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
}

function decodeBigEndian(bytes: Buffer): string {
  const even = bytes.length - (bytes.length % 2);
  return Buffer.from(bytes.subarray(2, even)).swap16().toString("utf16le");
}

/** A function that tells the one-based line of an offset in `text`; it reads the text once, on first use. */
export function lineTable(text: () => string): (offset: number) => number {
  let ends: Uint32Array | undefined;
  return (offset) => {
    ends ??= lineEnds(text());
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function lineEnds(text: string): Uint32Array {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  const ends = new Uint32Array(count);
  let next = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) ends[next++] = at;
  return ends;
}

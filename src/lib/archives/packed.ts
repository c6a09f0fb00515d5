/** The bytes of an archive file, which may be more than memory should hold. */
export interface Packed {
  readonly length: number;
  /** The bytes from `start` to `end`, not to be written to. Throws a RangeError when the file has fewer. */
  slice(start: number, end: number): Buffer;
}

/** Bytes that are in memory already. */
export function packedOf(bytes: Buffer): Packed {
  return {
    length: bytes.length,
    slice(start, end) {
      if (end > bytes.length) throw new RangeError("beyond the end of the archive");
      return bytes.subarray(start, end);
    },
  };
}

/** Bytes that are looked at together where not all are held. */
export const PART = 1 << 18;

/** The bytes from `start` to `end`, in order, at most `PART` at a time. */
export function* partsOf(packed: Packed, start: number, end: number): Generator<Buffer, void, undefined> {
  for (let at = start; at < end; at += PART) yield packed.slice(at, Math.min(end, at + PART));
}

/** What makes two shapes comparable without keeping them: their smallest shingle hashes, and one hash of the whole. */

/** A shape in little room. Numbers are integers below 2^52, so that JSON and SQLite keep them exactly. */
export interface Sketch {
  /** Hash of the whole shape: equal iff, for practical purposes, the shapes are. */
  readonly digest: number;
  /** Tokens of the shape. */
  readonly tokens: number;
  /** The smallest hashes of its shingles, ascending: a random sample of its parts that depends on nothing but the parts. */
  readonly shingles: readonly number[];
}

/** Tokens of a shingle: long enough that few are shared by chance. */
const SHINGLE = 10;

/** The sketch of a shape with at most `most` shingles. */
export function sketchOf(shape: Uint32Array, most: number): Sketch {
  const hashes = new Set<number>();
  for (let at = 0; at + SHINGLE <= shape.length; at++) hashes.add(hashOf(shape, at, at + SHINGLE));
  const shingles = [...hashes].sort((a, b) => a - b).slice(0, most);
  return { digest: hashOf(shape, 0, shape.length), tokens: shape.length, shingles };
}

/** 52 bits of two multiplicative hashes. */
function hashOf(shape: Uint32Array, start: number, end: number): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let at = start; at < end; at++) {
    const token = shape[at]!;
    high = Math.imul(high ^ token, 0x01000193);
    low = Math.imul((low << 5) ^ (low >>> 27) ^ token, 0xcc9e2d51);
  }
  return (mix(high) >>> 12) * 0x1_0000_0000 + mix(low);
}

/** Spreads every bit, so that the smallest hashes are a fair sample. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

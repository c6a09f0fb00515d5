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
  return { digest: digestOf(shape), tokens: shape.length, shingles: smallestOf(shape, most) };
}

/** The smallest hashes, found with a rolling hash of which nearly all are larger than the largest of the sample and passed over. */
function smallestOf(shape: Uint32Array, most: number): readonly number[] {
  const sample: number[] = [];
  let bound = 0xffff_ffff;
  let [high, low] = [0, 0];
  for (let at = 0; at < shape.length; at++) {
    const token = shape[at]!;
    const leaving = at < SHINGLE ? 0 : shape[at - SHINGLE]!;
    high = rotated(high, 1) ^ (at < SHINGLE ? 0 : rotated(Math.imul(leaving, HIGH), SHINGLE)) ^ Math.imul(token, HIGH);
    low =
      rotated(low, 3) ^
      (at < SHINGLE ? 0 : rotated(Math.imul(leaving, LOW), (3 * SHINGLE) % 32)) ^
      Math.imul(token, LOW);
    if (at < SHINGLE - 1) continue;
    const mixed = mix(high);
    if (mixed > bound) continue;
    keep(sample, (mixed >>> 12) * 0x1_0000_0000 + mix(low), most);
    if (sample.length === most) bound = ((Math.floor(sample[most - 1]! / 0x1_0000_0000) << 12) | 0xfff) >>> 0;
  }
  return sample;
}

const HIGH = 0x9e3779b1;
const LOW = 0x85ebca77;

/** Puts a hash in its place, unless it is there, and drops the largest of too many. */
function keep(sample: number[], hash: number, most: number): void {
  let place = sample.length;
  while (place > 0 && sample[place - 1]! > hash) place--;
  if (place > 0 && sample[place - 1] === hash) return;
  sample.splice(place, 0, hash);
  if (sample.length > most) sample.pop();
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** 52 bits of two multiplicative hashes. */
function digestOf(shape: Uint32Array): number {
  let high = HIGH;
  let low = LOW;
  for (const token of shape) {
    high = Math.imul(high ^ token, 0x01000193);
    low = Math.imul(rotated(low, 5) ^ token, 0xcc9e2d51);
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

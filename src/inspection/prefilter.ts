/**
 * Which of several hundred literals occur in a file, in one pass over its bytes.
 *
 *     const prefilter = buildPrefilter(["child_process", "eval("]); // once per process
 *     const hits = prefilter.scan(bytes);                          // once per file
 *     hits.has("eval(");
 *
 * ASCII letters match in either case. NUL bytes are skipped, so that UTF-16 text (with or without a byte order mark, also
 * the string heap of a .NET assembly) matches like plain text; a literal is then also found across a NUL.
 */
import { type Automaton, compile } from "./prefilter/automaton.ts";
import { compiledScan, plainScan, type Scan } from "./prefilter/scanner.ts";

/** The answer for one file, or for several together. */
export interface Hits {
  /** Whether the literal occurs, ASCII case-insensitive. Throws on a literal that the prefilter was not built with. */
  has(literal: string): boolean;
  /** Whether any of the literals occurs; cheaper than asking for each, when the same list is asked for again and again. */
  hasAny(literals: readonly string[]): boolean;
  /** What occurs here or in any of the others, which the same prefilter found. */
  with(others: Iterable<Hits>): Hits;
  /** Number of different literals found. */
  readonly size: number;
  /** The literals found, lower case, in the order they were given to `buildPrefilter`. */
  literals(): string[];
}

export interface Prefilter {
  /** The literals, lower case, without repeats. */
  readonly literals: readonly string[];
  /** Bytes of the transition table, for measuring. */
  readonly tableBytes: number;
  scan(bytes: Uint8Array): Hits;
}

/**
 * A prefilter for `literals`: non-empty ASCII without NUL; upper case is folded, repeats are merged. Throws on others, and when
 * one has more than 255 characters or all have more than 65,000 together.
 */
export function buildPrefilter(literals: readonly string[]): Prefilter {
  const unique = [...new Set(literals.map(readLiteral))];
  const automaton = compile(unique);
  const toHits = hitsOver(unique);
  let scan: Scan | undefined;
  return {
    literals: unique,
    tableBytes: automaton.next.byteLength,
    scan(bytes) {
      scan ??= openScan(automaton);
      const seen = new Uint8Array(automaton.accepts.length);
      scan(bytes, seen);
      return toHits(literalsSeen(automaton, seen, unique.length));
    },
  };
}

/** WebAssembly wants address space that a container's limits may refuse; then the plain scan gives the same answers. */
function openScan(automaton: Automaton): Scan {
  try {
    return compiledScan(automaton);
  } catch {
    return plainScan(automaton);
  }
}

function readLiteral(literal: string): string {
  if (!/^[\x01-\x7f]+$/.test(literal)) throw new Error(`not an ASCII literal: ${JSON.stringify(literal)}`);
  return foldCase(literal);
}

function foldCase(literal: string): string {
  return literal.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** One bit per literal. */
function bitsFor(count: number): Uint32Array {
  return new Uint32Array(Math.ceil(count / 32));
}

function literalsSeen({ accepts }: Automaton, seen: Uint8Array, count: number): Uint32Array {
  const bits = bitsFor(count);
  for (let at = seen.indexOf(1); at >= 0; at = seen.indexOf(1, at + 1)) {
    for (const literal of accepts[at]!) bits[literal >>> 5]! |= 1 << (literal & 31);
  }
  return bits;
}

/** `bits` says which of the literals occur. */
type BitHits = Hits & { readonly bits: Uint32Array };

/** Some literals: the words of `BitHits` that they stand in, of which most have none, and their bits there. */
interface Mask {
  readonly words: readonly number[];
  readonly bits: readonly number[];
}

/** Makes bits into answers about `literals`. */
function hitsOver(literals: readonly string[]): (bits: Uint32Array) => BitHits {
  const index = new Map(literals.map((literal, at) => [literal, at]));
  const masks = new WeakMap<readonly string[], Mask>();
  const indexOf = (literal: string): number => {
    const at = index.get(literal) ?? index.get(foldCase(literal));
    if (at === undefined) throw new Error(`literal unknown to the prefilter: ${JSON.stringify(literal)}`);
    return at;
  };
  const maskOf = (wanted: readonly string[]): Mask => {
    let mask = masks.get(wanted);
    if (mask === undefined) {
      const bits = bitsFor(literals.length);
      for (const at of wanted.map(indexOf)) bits[at >>> 5]! |= 1 << (at & 31);
      const words = Array.from(bits.keys()).filter((at) => bits[at] !== 0);
      mask = { words, bits: words.map((at) => bits[at]!) };
      masks.set(wanted, mask);
    }
    return mask;
  };
  const toHits = (bits: Uint32Array): BitHits => {
    const isSet = (at: number) => ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1;
    return {
      bits,
      has: (literal) => isSet(indexOf(literal)),
      hasAny(wanted) {
        const mask = maskOf(wanted);
        for (let at = 0; at < mask.words.length; at++) if ((bits[mask.words[at]!]! & mask.bits[at]!) !== 0) return true;
        return false;
      },
      with(others) {
        const all = bits.slice();
        for (const other of others) {
          const more = (other as BitHits).bits;
          for (let at = 0; at < all.length; at++) all[at]! |= more[at]!;
        }
        return toHits(all);
      },
      get size() {
        return literals.reduce((count, _, at) => count + Number(isSet(at)), 0);
      },
      literals: () => literals.filter((_, at) => isSet(at)),
    };
  };
  return toHits;
}

/**
 * Which of several hundred literals occur in a file, in one pass over its bytes.
 *
 *     const prefilter = buildPrefilter(["child_process", "eval("]); // once per process
 *     const hits = prefilter.scan(bytes);                          // once per file
 *     hits.has("eval(");
 *
 * ASCII letters match in either case. NUL bytes are skipped, so that UTF-16 text (with or without a byte order mark, also
 * the string heap of a .NET assembly) matches like plain text; a literal is then also found across a NUL.
 *
 * Aho-Corasick compiled to a dense table of 16-bit states over byte classes (about 128 bytes a state, 1.2 MB for 1,000
 * literals of ten characters). States are numbered breadth first with the accepting ones last: the shallow states, where
 * nearly all time is spent, lie together in the cache, and a hit costs one comparison. Two halves of the file are scanned
 * in turns, because a single chain of dependent loads leaves the core idle.
 */

/** The answer for one file. */
export interface Hits {
  /** Whether the literal occurs, ASCII case-insensitive. Throws on a literal that the prefilter was not built with. */
  has(literal: string): boolean;
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

/** Files below this many bytes are scanned in one chain. */
const SPLIT_FROM = 256;

/**
 * A prefilter for `literals`: non-empty ASCII without NUL; upper case is folded, repeats are merged. Throws on others
 * and when they have more than 65,000 characters together.
 */
export function buildPrefilter(literals: readonly string[]): Prefilter {
  const unique = [...new Set(literals.map(readLiteral))];
  const index = new Map(unique.map((literal, at) => [literal, at]));
  const automaton = compile(unique);
  return {
    literals: unique,
    tableBytes: automaton.next.byteLength,
    scan: (bytes) => hitsOf(index, unique, findLiterals(automaton, bytes)),
  };
}

interface Automaton {
  /** Byte → class; 0 is every byte that no literal has, 1 is NUL, which leaves each state as it is. */
  readonly classes: Uint8Array;
  /** A state's row of the table begins at state << shift. */
  readonly shift: number;
  readonly next: Uint16Array;
  /** States from here on accept. */
  readonly firstAccept: number;
  /** Per accepting state, counted from the first: the literals that end there. */
  readonly accepts: readonly (readonly number[])[];
  readonly count: number;
  /** Characters of the longest literal. */
  readonly longest: number;
}

const MOST_CHARACTERS = 65_000;
const NUL_CLASS = 1;

function readLiteral(literal: string): string {
  if (!/^[\x01-\x7f]+$/.test(literal)) throw new Error(`not an ASCII literal: ${JSON.stringify(literal)}`);
  return foldCase(literal);
}

function foldCase(literal: string): string {
  return literal.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function hitsOf(index: ReadonlyMap<string, number>, literals: readonly string[], found: Uint8Array): Hits {
  let size = 0;
  for (const bit of found) size += bit;
  return {
    size,
    has(literal) {
      const at = index.get(literal) ?? index.get(foldCase(literal));
      if (at === undefined) throw new Error(`literal unknown to the prefilter: ${JSON.stringify(literal)}`);
      return found[at] === 1;
    },
    literals: () => literals.filter((_, at) => found[at] === 1),
  };
}

/** One byte per literal: 1 when it occurs. */
function findLiterals(automaton: Automaton, bytes: Uint8Array): Uint8Array {
  const found = new Uint8Array(automaton.count);
  if (automaton.count === 0) return found;
  const seen = new Uint8Array(automaton.accepts.length);
  if (bytes.length < SPLIT_FROM) {
    scanRange(automaton, bytes, 0, bytes.length, 0, seen);
  } else {
    const middle = bytes.length >>> 1;
    const state = scanHalves(automaton, bytes, middle, seen);
    finishAcross(automaton, bytes, middle, state, seen);
  }
  for (let at = 0; at < seen.length; at++) {
    if (seen[at] === 1) for (const literal of automaton.accepts[at]!) found[literal] = 1;
  }
  return found;
}

function scanRange(
  { classes, next, firstAccept, shift }: Automaton,
  bytes: Uint8Array,
  from: number,
  to: number,
  start: number,
  seen: Uint8Array,
): number {
  let state = start;
  for (let at = from; at < to; at++) {
    state = next[(state << shift) | classes[bytes[at]!]!]!;
    if (state >= firstAccept) seen[state - firstAccept] = 1;
  }
  return state;
}

/** Scans both halves in turns and gives the state at the end of the first. */
function scanHalves(automaton: Automaton, bytes: Uint8Array, middle: number, seen: Uint8Array): number {
  const { classes, next, firstAccept, shift } = automaton;
  let one = 0;
  let two = 0;
  for (let at = 0, other = middle; at < middle; at++, other++) {
    one = next[(one << shift) | classes[bytes[at]!]!]!;
    two = next[(two << shift) | classes[bytes[other]!]!]!;
    if (one >= firstAccept) seen[one - firstAccept] = 1;
    if (two >= firstAccept) seen[two - firstAccept] = 1;
  }
  scanRange(automaton, bytes, middle * 2, bytes.length, two, seen);
  return one;
}

/** Literals that begin in the first half and end in the second. */
function finishAcross(automaton: Automaton, bytes: Uint8Array, middle: number, state: number, seen: Uint8Array): void {
  let end = middle;
  for (let left = automaton.longest - 1; left > 0 && end < bytes.length; end++) if (bytes[end] !== 0) left--;
  scanRange(automaton, bytes, middle, end, state, seen);
}

function compile(literals: readonly string[]): Automaton {
  const { classes, shift } = classify(literals);
  const trie = plant(literals, classes, shift);
  const order = link(trie, shift);
  const { numbers, firstAccept, accepts } = renumber(trie, order);
  const next = new Uint16Array(order.length << shift);
  for (const state of order) {
    const row = numbers[state]! << shift;
    for (let at = 0; at < 1 << shift; at++) next[row | at] = numbers[trie.next[(state << shift) | at]!]!;
    next[row | NUL_CLASS] = numbers[state]!;
  }
  const longest = literals.reduce((most, literal) => Math.max(most, literal.length), 0);
  return { classes, shift, next, firstAccept, accepts, count: literals.length, longest };
}

function classify(literals: readonly string[]): { classes: Uint8Array; shift: number } {
  const classes = new Uint8Array(256);
  classes[0] = NUL_CLASS;
  let count = NUL_CLASS + 1;
  for (const literal of literals) {
    for (const byte of Buffer.from(literal, "latin1")) {
      if (classes[byte] === 0) classes[byte] = count++;
    }
  }
  for (let letter = 0x61; letter <= 0x7a; letter++) classes[letter - 0x20] = classes[letter]!;
  return { classes, shift: Math.ceil(Math.log2(count)) };
}

interface Trie {
  readonly next: Int32Array;
  /** Per state: indexes of the literals that end there. */
  readonly ends: number[][];
}

function plant(literals: readonly string[], classes: Uint8Array, shift: number): Trie {
  const most = literals.reduce((sum, literal) => sum + literal.length, 1);
  if (most > MOST_CHARACTERS) throw new Error(`too many literals: ${most} characters`);
  const trie: Trie = { next: new Int32Array(most << shift), ends: [[]] };
  literals.forEach((literal, index) => {
    let state = 0;
    for (const byte of Buffer.from(literal, "latin1")) {
      const edge = (state << shift) | classes[byte]!;
      if (trie.next[edge] === 0) trie.next[edge] = trie.ends.push([]) - 1;
      state = trie.next[edge]!;
    }
    trie.ends[state]!.push(index);
  });
  return trie;
}

/** Completes the transitions by failure links; gives the states breadth first. */
function link(trie: Trie, shift: number): number[] {
  const fail = new Int32Array(trie.ends.length);
  const order = [0];
  for (let at = 0; at < order.length; at++) {
    const state = order[at]!;
    for (let step = 0; step < 1 << shift; step++) {
      const edge = (state << shift) | step;
      const fallback = state === 0 ? 0 : trie.next[(fail[state]! << shift) | step]!;
      const child = trie.next[edge]!;
      if (child === 0) {
        trie.next[edge] = fallback;
        continue;
      }
      fail[child] = fallback;
      trie.ends[child]!.push(...trie.ends[fallback]!);
      order.push(child);
    }
  }
  return order;
}

/** New numbers: states that accept nothing first, each group breadth first. */
function renumber(trie: Trie, order: readonly number[]) {
  const quiet = order.filter((state) => trie.ends[state]!.length === 0);
  const loud = order.filter((state) => trie.ends[state]!.length > 0);
  const numbers = new Uint16Array(trie.ends.length);
  [...quiet, ...loud].forEach((state, at) => {
    numbers[state] = at;
  });
  return { numbers, firstAccept: quiet.length, accepts: loud.map((state) => trie.ends[state]!) };
}

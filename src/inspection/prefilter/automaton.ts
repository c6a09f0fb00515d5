/**
 * An Aho-Corasick automaton: a dense table of 16-bit states over byte classes. States are numbered breadth first with the accepting
 * ones last: the shallow states, where nearly all time is spent, lie together in the cache, and a hit costs one comparison.
 */
export interface Automaton {
  /** Byte → class; 0 is every byte that no literal has, 1 is NUL, which leaves each state as it is. */
  readonly classes: Uint8Array;
  /** A state's row of the table begins at state << shift. */
  readonly shift: number;
  readonly next: Uint16Array;
  /** Per state: how many of the last bytes that were not NUL it remembers. */
  readonly depths: Uint8Array;
  /** States from here on accept. */
  readonly firstAccept: number;
  /** Per accepting state, counted from the first: indexes of the literals that end there. */
  readonly accepts: readonly (readonly number[])[];
}

const MOST_CHARACTERS = 65_000;
const LONGEST = 255;
const NUL_CLASS = 1;

/** The automaton that finds `literals`: lower-case ASCII. Throws when one is longer than 255 characters or all longer than 65,000. */
export function compile(literals: readonly string[]): Automaton {
  const { classes, shift } = classify(literals);
  const trie = plant(literals, classes, shift);
  const order = link(trie, shift);
  const { numbers, firstAccept, accepts } = renumber(trie, order);
  const next = new Uint16Array(order.length << shift);
  const depths = new Uint8Array(order.length);
  for (const state of order) {
    const number = numbers[state]!;
    const from = state << shift;
    const to = number << shift;
    for (let at = 0; at < 1 << shift; at++) next[to | at] = numbers[trie.next[from | at]!]!;
    next[to | NUL_CLASS] = number;
    depths[number] = trie.depths[state]!;
  }
  return { classes, shift, next, depths, firstAccept, accepts };
}

function classify(literals: readonly string[]): { classes: Uint8Array; shift: number } {
  const classes = new Uint8Array(256);
  classes[0] = NUL_CLASS;
  let count = NUL_CLASS + 1;
  for (const literal of literals) {
    for (let at = 0; at < literal.length; at++) {
      const byte = literal.charCodeAt(at);
      if (classes[byte] === 0) classes[byte] = count++;
    }
  }
  for (let letter = 0x61; letter <= 0x7a; letter++) classes[letter - 0x20] = classes[letter]!;
  return { classes, shift: Math.ceil(Math.log2(count)) };
}

interface Trie {
  readonly next: Uint16Array;
  readonly depths: Uint8Array;
  /** Per state that accepts: indexes of the literals that end there. */
  readonly ends: Map<number, number[]>;
}

function plant(literals: readonly string[], classes: Uint8Array, shift: number): Trie {
  const most = literals.reduce((sum, literal) => sum + literal.length, 1);
  if (most > MOST_CHARACTERS) throw new Error(`too many literals: ${most} characters`);
  const trie: Trie = { next: new Uint16Array(most << shift), depths: new Uint8Array(most), ends: new Map() };
  let states = 1;
  for (const [index, literal] of literals.entries()) {
    if (literal.length > LONGEST) throw new Error(`the literal is too long: ${literal}`);
    let state = 0;
    for (let at = 0; at < literal.length; at++) {
      const edge = (state << shift) | classes[literal.charCodeAt(at)]!;
      if (trie.next[edge] === 0) trie.next[edge] = states++;
      state = trie.next[edge]!;
      trie.depths[state] = at + 1;
    }
    trie.ends.set(state, [...(trie.ends.get(state) ?? []), index]);
  }
  return trie;
}

/** Completes the transitions by failure links; gives the states breadth first. */
function link({ next, depths, ends }: Trie, shift: number): Uint16Array {
  const fail = new Uint16Array(depths.length);
  const order = new Uint16Array(depths.length);
  let known = 1;
  for (let at = 0; at < known; at++) {
    const state = order[at]!;
    const row = state << shift;
    const fallbacks = fail[state]! << shift;
    for (let step = 0; step < 1 << shift; step++) {
      const child = next[row | step]!;
      const fallback = state === 0 ? 0 : next[fallbacks | step]!;
      if (child === 0) {
        next[row | step] = fallback;
        continue;
      }
      fail[child] = fallback;
      const inherited = ends.get(fallback);
      if (inherited !== undefined) ends.set(child, [...(ends.get(child) ?? []), ...inherited]);
      order[known++] = child;
    }
  }
  return order.subarray(0, known);
}

/** New numbers: states that accept nothing first, each group breadth first. */
function renumber({ ends, depths }: Trie, order: Uint16Array) {
  const numbers = new Uint16Array(depths.length);
  const loud: number[] = [];
  let quiet = 0;
  for (const state of order) {
    if (ends.has(state)) loud.push(state);
    else numbers[state] = quiet++;
  }
  for (const [at, state] of loud.entries()) numbers[state] = quiet + at;
  return { numbers, firstAccept: quiet, accepts: loud.map((state) => ends.get(state)!) };
}

import type { Tokens } from "../model.ts";

/** The names and operators of one file as numbers, so that comparing tokens makes no strings. */
export interface Words {
  /** Per token the number of its name or operator; 0 for tokens of other kinds. */
  readonly ids: Int32Array;
  /** The name or operator with a number, escapes resolved; empty for 0. */
  word(id: number): string;
  /** The number of `word` in this file; -1 when it does not occur, unless it is `known`. */
  idOf(word: string): number;
  /** Whether a word that is known everywhere occurs in this file. */
  has(id: number): boolean;
  /** The different names of this file. */
  names(): readonly string[];
  /** Every number of this file is below. */
  readonly limit: number;
}

/** Words that have the same number in every file: at most so many, of one char at least. */
const MOST_KNOWN = 4_096;
const knownWords: string[] = [""];
const knownSlots = new Int32Array(MOST_KNOWN * 4);
const knownAreNames = new Uint8Array(MOST_KNOWN);
const SINGLE = new Int32Array(128);

for (let code = 33; code < 127; code++) SINGLE[code] = known(String.fromCharCode(code));
// Every operator of Python and JavaScript that is longer than one character.
for (const operator of "?. ... => ** ++ -- += -= *= /= %= **= <<= >>= >>>= &= |= ^= ||= &&= ??= := -> // //= @= == != === !== <= >= << >> >>> && || ?? <> <!-- -->".split(
  " ",
))
  known(operator);

/** The number that `word` has in every file; to be called when a module is loaded. Throws when there are too many. */
export function known(word: string): number {
  let slot = hashOf(word, 0, word.length) & (knownSlots.length - 1);
  for (; knownSlots[slot] !== 0; slot = (slot + 1) & (knownSlots.length - 1))
    if (knownWords[knownSlots[slot]!] === word) return knownSlots[slot]!;
  if (knownWords.length >= MOST_KNOWN) throw new Error("too many words are known by number");
  const id = knownWords.push(word) - 1;
  knownSlots[slot] = id;
  knownAreNames[id] = /^[A-Za-z_$]|[^\0-\x7f]/.test(word) ? 1 : 0;
  return id;
}

/** A set of words to be asked by number: `set[id] === 1`. To be called when a module is loaded. */
export function knownSet(words: Iterable<string>): Uint8Array {
  const set = new Uint8Array(MOST_KNOWN);
  for (const word of words) set[known(word)] = 1;
  return set;
}

/** Whether the number is that of a name, not of an operator. */
export function isName(id: number): boolean {
  return id >= MOST_KNOWN || knownAreNames[id] === 1;
}

/** The number at a token; 0 outside the file. */
export function idAt(ids: Int32Array, at: number): number {
  return at >= 0 && at < ids.length ? ids[at]! : 0;
}

const wordsByTokens = new WeakMap<Tokens, Words>();

/** The words of a lexed text, made once: one pass over its tokens. */
export function wordsOf({ tokens, text }: { readonly tokens: Tokens; readonly text: string }): Words {
  let words = wordsByTokens.get(tokens);
  if (words === undefined) {
    words = intern(tokens, text);
    wordsByTokens.set(tokens, words);
  }
  return words;
}

/** The words of one file that are not known everywhere; numbers go on from MOST_KNOWN. */
interface Own {
  readonly words: string[];
  readonly hashes: number[];
  slots: Int32Array;
}

function intern(tokens: Tokens, text: string): Words {
  const { length } = tokens;
  const ids = new Int32Array(length);
  const present = new Uint8Array(knownWords.length);
  const own: Own = { words: [], hashes: [], slots: new Int32Array(256) };
  for (let at = 0; at < length; at++) {
    const kind = tokens.kind(at);
    if (kind !== "name" && kind !== "operator") continue;
    const start = tokens.start(at);
    const end = tokens.end(at);
    const code = text.charCodeAt(start);
    if (end - start === 1 && code < 128 && code !== 0x5c) ids[at] = SINGLE[code]!;
    else if (kind === "operator") ids[at] = idOfKnown(text, start, end);
    else if (isPlain(text, start, end)) ids[at] = find(own, text, start, end);
    else {
      const value = tokens.value(at);
      ids[at] = find(own, value, 0, value.length);
    }
    if (ids[at]! < MOST_KNOWN) present[ids[at]!] = 1;
  }
  return {
    ids,
    word: (id) => (id < MOST_KNOWN ? (knownWords[id] ?? "") : (own.words[id - MOST_KNOWN] ?? "")),
    idOf: (word) => lookUp(own, word),
    has: (id) => present[id] === 1,
    names: () => [...knownWords.filter((_, id) => present[id] === 1 && isName(id)), ...own.words],
    limit: MOST_KNOWN + own.words.length,
  };
}

/** Written as it reads: no escapes, and nothing that another spelling could stand for. */
function isPlain(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c || code > 127) return false;
  }
  return true;
}

function hashOf(text: string, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 0x01000193) ^ text.charCodeAt(at)) | 0;
  return hash ^ (hash >>> 15);
}

function isSame(word: string, text: string, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) !== text.charCodeAt(start + at)) return false;
  return true;
}

/** The number that what stands from `start` to `end` has in every file, or 0. */
export function idOfKnown(text: string, start: number, end: number): number {
  return findKnown(text, start, end, hashOf(text, start, end));
}

function findKnown(text: string, start: number, end: number, hash: number): number {
  let slot = hash & (knownSlots.length - 1);
  for (; knownSlots[slot] !== 0; slot = (slot + 1) & (knownSlots.length - 1)) {
    const id = knownSlots[slot]!;
    if (isSame(knownWords[id]!, text, start, end)) return id;
  }
  return 0;
}

function find(own: Own, text: string, start: number, end: number): number {
  const hash = hashOf(text, start, end);
  const id = findKnown(text, start, end, hash);
  if (id !== 0) return id;
  const mask = own.slots.length - 1;
  let slot = hash & mask;
  for (; own.slots[slot] !== 0; slot = (slot + 1) & mask) {
    const at = own.slots[slot]! - 1;
    if (own.hashes[at] === hash && isSame(own.words[at]!, text, start, end)) return MOST_KNOWN + at;
  }
  own.hashes.push(hash);
  own.slots[slot] = own.words.push(text.slice(start, end));
  if (own.words.length * 2 > own.slots.length) spread(own);
  return MOST_KNOWN + own.words.length - 1;
}

function spread(own: Own): void {
  own.slots = new Int32Array(own.slots.length * 4);
  const mask = own.slots.length - 1;
  for (let at = 0; at < own.words.length; at++) {
    let slot = own.hashes[at]! & mask;
    while (own.slots[slot] !== 0) slot = (slot + 1) & mask;
    own.slots[slot] = at + 1;
  }
}

function lookUp(own: Own, word: string): number {
  const hash = hashOf(word, 0, word.length);
  const id = findKnown(word, 0, word.length, hash);
  if (id !== 0) return id;
  const mask = own.slots.length - 1;
  for (let slot = hash & mask; own.slots[slot] !== 0; slot = (slot + 1) & mask) {
    const at = own.slots[slot]! - 1;
    if (own.words[at] === word) return MOST_KNOWN + at;
  }
  return -1;
}

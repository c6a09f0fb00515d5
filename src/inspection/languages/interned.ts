import type { Tokens } from "../model.ts";
import { detached } from "./detached.ts";
import { arraysOf, NAME, OPERATOR } from "./tokens.ts";

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

/**
 * The words of one file: a table from hashes to entries, an entry for each different word, whether it is known everywhere or the
 * file's own; those have numbers from MOST_KNOWN on.
 */
interface Own {
  readonly words: string[];
  readonly hashes: number[];
  readonly ids: number[];
  slots: Int32Array;
}

function intern(tokens: Tokens, text: string): Words {
  const { length } = tokens;
  const { codes, starts, ends } = arraysOf(tokens);
  const ids = new Int32Array(length);
  const own: Own = { words: [], hashes: [], ids: [], slots: new Int32Array(slotsFor(length)) };
  const present = new Uint8Array(knownWords.length);
  for (let at = 0; at < length; at++) {
    const kind = codes[at]! & 15;
    if (kind !== NAME && kind !== OPERATOR) continue;
    const start = starts[at]!;
    const end = ends[at]!;
    const code = text.charCodeAt(start);
    let id: number;
    if (end - start === 1 && code < 128 && code !== 0x5c) id = SINGLE[code]!;
    else if (kind === OPERATOR) id = idOfKnown(text, start, end);
    else {
      const hash = hashOfPlain(text, start, end);
      if (hash !== NOT_PLAIN) id = find(own, text, start, end, hash);
      else {
        const value = tokens.value(at);
        id = find(own, value, 0, value.length, hashOf(value, 0, value.length));
      }
    }
    ids[at] = id;
    if (id < MOST_KNOWN) present[id] = 1;
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

/** Slots for a file of so many tokens, so that most tables never grow. */
function slotsFor(tokens: number): number {
  let slots = 64;
  while (slots < tokens >> 2 && slots < 1 << 13) slots *= 2;
  return slots;
}

const NOT_PLAIN = 0x80000000;

/** The hash of what is written as it reads: no escapes, and nothing that another spelling could stand for; else NOT_PLAIN. */
function hashOfPlain(text: string, start: number, end: number): number {
  let hash = end - start;
  let seen = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) return NOT_PLAIN;
    seen |= code;
    hash = (Math.imul(hash, 0x01000193) ^ code) | 0;
  }
  return seen > 127 ? NOT_PLAIN : hash ^ (hash >>> 15);
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

function find(own: Own, text: string, start: number, end: number, hash: number): number {
  const mask = own.slots.length - 1;
  let slot = hash & mask;
  for (let entry = own.slots[slot]!; entry !== 0; entry = own.slots[slot]!) {
    if (own.hashes[entry - 1] === hash) {
      const id = own.ids[entry - 1]!;
      const word = id < MOST_KNOWN ? knownWords[id]! : own.words[id - MOST_KNOWN]!;
      if (isSame(word, text, start, end)) return id;
    }
    slot = (slot + 1) & mask;
  }
  const known = findKnown(text, start, end, hash);
  const id = known !== 0 ? known : MOST_KNOWN + own.words.push(detached(text.slice(start, end), text)) - 1;
  own.hashes.push(hash);
  own.slots[slot] = own.ids.push(id);
  if (own.ids.length * 2 > own.slots.length) spread(own);
  return id;
}

function spread(own: Own): void {
  own.slots = new Int32Array(own.slots.length * 4);
  const mask = own.slots.length - 1;
  for (let at = 0; at < own.ids.length; at++) {
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
    const found = own.ids[own.slots[slot]! - 1]!;
    if (found >= MOST_KNOWN && own.words[found - MOST_KNOWN] === word) return found;
  }
  return -1;
}

import type { EcosystemId } from "../../catalog/model.ts";
import type { PopularList } from "./popular.ts";
import { type Difference, foldLetters, type Imitation, oneEdit, skeleton, squash, withinEdits } from "./spelling.ts";

/** A popular name that another name can be taken for. */
export interface Lookalike {
  readonly popular: string;
  /** Place of `popular` in the list, from 1. */
  readonly rank: number;
  readonly how: Imitation;
  /** 0 to 1: likeness × prominence of the popular name × how telling a name of that length is. */
  readonly score: number;
}

/** The popular names of one ecosystem, ready to be asked. */
export interface Lookalikes {
  readonly list: PopularList;
  /** Whether the list has the name: popular names are never imitations. */
  isPopular(name: string): boolean;
  /** Place in the list, from 1. */
  rankOf(name: string): number | undefined;
  /** The popular name that `name` is most easily taken for, when there is one; below a millisecond for any name of at most 300 characters. */
  find(name: string): Lookalike | undefined;
  /** Scopes of popular names that look like `scope` and are others. */
  scopesNear(scope: string): readonly string[];
}

/** A lower score says nothing: of 20,000 little-known names of an ecosystem some 0.15 % reach it. */
export const LEAST_SCORE = 0.5;

/** Makes a list ready; some ten milliseconds, spent at the first question. */
export function openLookalikes(list: PopularList): Lookalikes {
  let made: Index | undefined;
  const index = () => (made ??= indexOf(list));
  return {
    list,
    isPopular: (name) => index().ranks.has(normalForm(list.ecosystem, name)),
    rankOf: (name) => index().ranks.get(normalForm(list.ecosystem, name)),
    find: (name) => find(index(), list.ecosystem, normalForm(list.ecosystem, name)),
    scopesNear: (scope) => scopesNear(index(), scope),
  };
}

/** Names as lists have them. */
function normalForm(ecosystem: EcosystemId, name: string): string {
  const lower = name.toLowerCase();
  return ecosystem === "pypi" ? lower.replace(/[-_.]+/g, "-") : lower;
}

interface Index {
  /** Name → place from 1. */
  readonly ranks: ReadonlyMap<string, number>;
  readonly names: readonly string[];
  readonly squashed: readonly string[];
  /** Letters that a squashed name holds, one bit each. */
  readonly masks: Uint32Array;
  /** Places from 0 by length of the squashed name. */
  readonly byLength: ReadonlyMap<number, readonly number[]>;
  /** First place from 0 by skeleton, and by words in alphabetical order. */
  readonly bySkeleton: ReadonlyMap<string, number>;
  readonly byWords: ReadonlyMap<string, number>;
  /** Scopes with their squashed form and its skeleton. */
  readonly scopes: readonly (readonly [string, string, string])[];
}

/** Names longer than that are compared by skeleton and words alone. */
const LONGEST_COMPARED = 60;
/** Names further down are known, but nobody gains by imitating them. */
const MOST_IMITATED = 6_000;

function indexOf(list: PopularList): Index {
  const names = list.names.split(" ");
  const squashed = names.slice(0, MOST_IMITATED).map(squash);
  const bySkeleton = new Map<string, number>();
  const byWords = new Map<string, number>();
  const byLength = new Map<number, number[]>();
  for (const place of squashed.keys()) {
    const name = names[place]!;
    // A package of a scope is imitated by another scope, which is a matter of its own.
    if (name.startsWith("@")) continue;
    keepFirst(bySkeleton, skeleton(squashed[place]!), place);
    const words = sortedWords(name);
    if (words !== undefined) keepFirst(byWords, words, place);
    const length = squashed[place]!.length;
    const same = byLength.get(length);
    if (same === undefined) byLength.set(length, [place]);
    else same.push(place);
  }
  return {
    ranks: new Map(names.map((name, place) => [name, place + 1])),
    names,
    squashed,
    masks: Uint32Array.from(squashed, maskOf),
    byLength,
    bySkeleton,
    byWords,
    scopes: scopesOf(names),
  };
}

function scopesOf(names: readonly string[]): Index["scopes"] {
  const scopes = new Set(names.filter((name) => name.startsWith("@")).map((name) => name.slice(1, name.indexOf("/"))));
  return [...scopes].map((scope) => [scope, squash(scope), skeleton(squash(scope))]);
}

function scopesNear({ scopes }: Index, scope: string): readonly string[] {
  const own = squash(scope);
  const alike = skeleton(own);
  return scopes
    .filter(([other, squashed, bones]) => other !== scope && (alike === bones || isNear(own, squashed)))
    .map(([other]) => other);
}

function isNear(own: string, known: string): boolean {
  return known.length >= LEAST_SCOPE && (oneEdit(own, known)?.likeness ?? 0) >= LEAST_SCOPE_LIKENESS;
}

const LEAST_SCOPE = 4;
const LEAST_SCOPE_LIKENESS = 0.45;

function keepFirst(map: Map<string, number>, key: string, place: number): void {
  if (!map.has(key)) map.set(key, place);
}

function find(index: Index, ecosystem: EcosystemId, name: string): Lookalike | undefined {
  if (name.startsWith("@") || index.ranks.has(name)) return undefined;
  const folded = foldLetters(name.toLowerCase());
  const own = squash(name);
  let best: Lookalike | undefined;
  const consider = (place: number, { how, likeness }: Difference) => {
    const popular = index.names[place]!;
    const score = likeness * prominence(place, ecosystem) * telling(index.squashed[place]!);
    if (score > (best?.score ?? 0)) best = { popular, rank: place + 1, how, score };
  };
  const foldedRank = folded === name.toLowerCase() ? undefined : index.ranks.get(folded);
  if (foldedRank !== undefined && foldedRank <= MOST_IMITATED)
    consider(foldedRank - 1, { how: "look-alike letters", likeness: 1 });
  const alike = index.bySkeleton.get(skeleton(own));
  if (alike !== undefined) consider(alike, differenceOfAlike(own, index.squashed[alike]!));
  const words = sortedWords(name);
  const reordered = words === undefined ? undefined : index.byWords.get(words);
  if (reordered !== undefined) consider(reordered, { how: "order of words", likeness: 0.5 });
  if (own.length <= LONGEST_COMPARED) for (const [place, difference] of edits(index, own)) consider(place, difference);
  return best;
}

function differenceOfAlike(own: string, popular: string): Difference {
  if (own === popular) return { how: "separators", likeness: 0.7 };
  return oneEdit(own, popular) ?? { how: "look-alike letters", likeness: 0.9 };
}

/** Two edits say something in long names only, and of very well-known ones only. */
const LEAST_FOR_TWO_EDITS = 9;
const PLACES_FOR_TWO_EDITS = 1_000;

function* edits(index: Index, own: string): Iterable<readonly [number, Difference]> {
  const mask = maskOf(own);
  for (let length = own.length - 2; length <= own.length + 2; length++)
    for (const place of index.byLength.get(length) ?? []) {
      const bits = ones(index.masks[place]! ^ mask);
      const popular = index.squashed[place]!;
      if (bits <= 2 && Math.abs(length - own.length) <= 1) {
        const difference = oneEdit(own, popular);
        if (difference !== undefined) {
          yield [place, difference];
          continue;
        }
      }
      const far = place >= PLACES_FOR_TWO_EDITS || bits > 4 || Math.min(length, own.length) < LEAST_FOR_TWO_EDITS;
      if (far || own === popular || own[0] !== popular[0]) continue;
      if (withinEdits(own, popular, 2)) yield [place, { how: "two edits", likeness: 0.5 }];
    }
}

function maskOf(squashed: string): number {
  let mask = 0;
  for (let at = 0; at < squashed.length; at++) {
    const code = squashed.charCodeAt(at);
    // Digits share the six bits that letters leave.
    mask |= code >= 97 ? 1 << (code - 97) : 1 << (26 + (code % 6));
  }
  return mask >>> 0;
}

function ones(bits: number): number {
  let left = bits >>> 0;
  let count = 0;
  for (; left !== 0; count++) left &= left - 1;
  return count;
}

/** A well-known name is worth imitating, an obscure one is not. */
function prominence(place: number, ecosystem: EcosystemId): number {
  const scale = ecosystem === "nuget" ? 4 : 1;
  const rank = place * scale;
  return rank < 300 ? 1 : rank < 1_000 ? 0.9 : rank < 3_000 ? 0.75 : rank < 6_000 ? 0.6 : 0.45;
}

/** Short words resemble each other by chance. */
function telling(squashed: string): number {
  return [0, 0, 0, 0, 0.25, 0.45, 0.65, 0.85][squashed.length] ?? 1;
}

/** The name's words in alphabetical order, when it has at least two. */
function sortedWords(name: string): string | undefined {
  const words = name.toLowerCase().split(/[-_.]/);
  return words.length < 2 || words.length > 8 ? undefined : words.sort().join("-");
}

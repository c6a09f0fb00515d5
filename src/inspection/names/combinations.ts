import type { Lookalikes } from "./lookalikes.ts";

/** A popular name that another name extends or rearranges so that it reads like a part of it. */
export interface Combination {
  readonly popular: string;
  readonly rank: number;
  /** What was added, or how it was rearranged. */
  readonly by: string;
}

/**
 * The well-known name in `name` beside nothing but words that say nothing (`requests-utils`, `python-lodash`, `lodash2`), or the scope or
 * scoped name that it imitates (`types-node`, `@typess/node`); undefined when there is none.
 */
export function combinationOf(lookalikes: Lookalikes, name: string): Combination | undefined {
  if (name.length > LONGEST || lookalikes.isPopular(name)) return undefined;
  if (name.startsWith("@")) return ofScope(lookalikes, name);
  const words = name.toLowerCase().split(/[-_.]/);
  return unscoped(lookalikes, words) ?? numbered(lookalikes, name) ?? extended(lookalikes, words);
}

/** The popular names that a name consists of, besides empty words; empty where any other word is in it. */
export function popularWordsIn(lookalikes: Lookalikes, name: string): readonly string[] {
  if (name.length > LONGEST || name.startsWith("@") || lookalikes.isPopular(name)) return [];
  const words = name.toLowerCase().split(/[-_.]/);
  const popular = words.filter((word) => word.length >= LEAST_OF_WORD && isWellKnown(lookalikes, word));
  return words.every((word) => EMPTY_WORDS.has(word) || popular.includes(word)) ? popular : [];
}

function isWellKnown(lookalikes: Lookalikes, word: string): boolean {
  return (lookalikes.rankOf(word) ?? Number.POSITIVE_INFINITY) <= WELL_KNOWN_AS_WORD;
}

const LEAST_OF_WORD = 4;
const WELL_KNOWN_AS_WORD = 3_000;

const LONGEST = 100;
/** Names up to these places are worth extending. */
const WELL_KNOWN = { pypi: 300, npm: 1_000, nuget: 200 } as const;
/** Up to this place a name of a scope is worth writing without it. */
const WELL_KNOWN_IN_SCOPE = 3_000;
/** Shorter names are words of the language. */
const LEAST_LETTERS = 5;

/** Words that promise the thing itself. */
const EMPTY_WORDS = new Set(
  (
    "py python python3 js ts node nodejs net dotnet csharp api apis sdk client cli util utils utility utilities lib libs library tool tools helper " +
    "helpers core dev pro plus ext extra extras addon async new fix fixed patch update updated official original real best fast faster lite " +
    "light easy simple better enhanced improved advanced wrapper 2 3 4 v1 v2 v3 v4 ng next beta test package pkg install installer setup"
  ).split(" "),
);

function extended(lookalikes: Lookalikes, words: readonly string[]): Combination | undefined {
  for (let cut = 1; cut < words.length; cut++) {
    const found =
      known(lookalikes, words.slice(0, cut), words.slice(cut)) ??
      known(lookalikes, words.slice(cut), words.slice(0, cut));
    if (found !== undefined) return found;
  }
  return undefined;
}

function known(lookalikes: Lookalikes, base: readonly string[], rest: readonly string[]): Combination | undefined {
  if (!rest.every((word) => EMPTY_WORDS.has(word))) return undefined;
  for (const separator of SEPARATORS[lookalikes.list.ecosystem]) {
    const popular = base.join(separator);
    const rank = lookalikes.rankOf(popular);
    if (rank !== undefined && rank <= WELL_KNOWN[lookalikes.list.ecosystem] && popular.length >= LEAST_LETTERS)
      return { popular, rank, by: `adding ${rest.join(" and ")}` };
  }
  return undefined;
}

const SEPARATORS = { pypi: ["-"], npm: ["-", ".", "_"], nuget: [".", "-"] } as const;

function numbered(lookalikes: Lookalikes, name: string): Combination | undefined {
  const base = name.toLowerCase().replace(/[0-9]{1,2}$/, "");
  const rank = lookalikes.rankOf(base);
  if (
    base === name.toLowerCase() ||
    rank === undefined ||
    rank > WELL_KNOWN[lookalikes.list.ecosystem] ||
    base.length < LEAST_LETTERS
  )
    return undefined;
  return { popular: base, rank, by: "adding a number" };
}

/** `types-node` for `@types/node`: what a person or a model types who forgot the scope. */
function unscoped(lookalikes: Lookalikes, words: readonly string[]): Combination | undefined {
  if (lookalikes.list.ecosystem !== "npm" || words.length < 2) return undefined;
  const [scope, ...rest] = words;
  const popular = `@${scope}/${rest.join("-")}`;
  const rank = lookalikes.rankOf(popular);
  return rank === undefined || rank > WELL_KNOWN_IN_SCOPE ? undefined : { popular, rank, by: "leaving out the scope" };
}

/** A scope that looks like a well-known one, with the name of one of its packages. */
function ofScope(lookalikes: Lookalikes, name: string): Combination | undefined {
  const scope = name.slice(1, name.indexOf("/"));
  const bare = name.slice(name.indexOf("/") + 1);
  for (const other of lookalikes.scopesNear(scope)) {
    const popular = `@${other}/${bare}`;
    const rank = lookalikes.rankOf(popular);
    if (rank !== undefined) return { popular, rank, by: `writing the scope ${scope}` };
  }
  return undefined;
}

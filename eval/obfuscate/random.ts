/** A source of numbers that a seed fixes, so that the same archive is always rewritten the same way. */
export interface Random {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** One of the items, of which there is at least one. */
  pick<T>(items: readonly T[]): T;
  /** An identifier that no program has by accident. */
  name(): string;
  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** Numbers that follow from `seed` alone (mulberry32 over FNV-1a). */
export function openRandom(seed: string): Random {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    name: () => Array.from({ length: 10 }, (_, at) => LETTERS[below(at === 0 ? 26 : 36)]).join(""),
    shuffled(items) {
      const result = [...items];
      for (let at = result.length - 1; at > 0; at--) {
        const other = below(at + 1);
        [result[at], result[other]] = [result[other]!, result[at]!];
      }
      return result;
    },
  };
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

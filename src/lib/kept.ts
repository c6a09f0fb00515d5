/** Where something has what was made of it, until room is needed for others. */
export interface Keeping<T> {
  value: T | undefined;
}

/** What is kept for reading again, up to a bound over all of it. */
export interface Kept<T> {
  /**
   * Keeps `value` in `holder`. When all weigh more than the bound, what has been kept longest is let go, never what was just given: who
   * asks for it again has it made once more.
   */
  keep(holder: Keeping<T>, value: T, weight: number): T;
  /** Lets go of everything. */
  drop(): void;
}

/** Nothing kept yet; `most` is what all may weigh together. */
export function keptUpTo<T>(most: number): Kept<T> {
  /** Weights, in the order in which they came. */
  const kept = new Map<Keeping<T>, number>();
  let total = 0;
  const release = (holder: Keeping<T>) => {
    total -= kept.get(holder) ?? 0;
    kept.delete(holder);
    holder.value = undefined;
  };
  return {
    keep(holder, value, weight) {
      release(holder);
      holder.value = value;
      kept.set(holder, weight);
      total += weight;
      for (const oldest of kept.keys()) {
        if (total <= most || oldest === holder) break;
        release(oldest);
      }
      return value;
    },
    drop() {
      for (const holder of kept.keys()) release(holder);
    },
  };
}

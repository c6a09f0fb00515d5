/** A map that forgets what was used longest ago once its values weigh more than a bound. */
export interface Lru<K, V> {
  get(key: K): V | undefined;
  /** Keeps a value; one that alone exceeds the bound is not kept. */
  set(key: K, value: V): void;
  delete(key: K): void;
  clear(): void;
  readonly size: number;
  /** What the values kept weigh together. */
  readonly weight: number;
}

export interface LruOptions<V> {
  /** Largest sum of weights. */
  readonly weight: number;
  /** Weight of one value, in bytes or in whatever unit the bound has; default 1, so that the bound is a count. */
  readonly weigh?: (value: V) => number;
}

/** An empty bounded map. A value's weight is taken once, when it is set. */
export function lru<K, V>({ weight: bound, weigh = () => 1 }: LruOptions<V>): Lru<K, V> {
  const entries = new Map<K, { readonly value: V; readonly weight: number }>();
  let total = 0;
  const remove = (key: K) => {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      // a Map keeps insertion order: putting it back makes it the youngest
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const weight = weigh(value);
      if (weight > bound) return;
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= bound) break;
        remove(oldest);
      }
    },
    delete: remove,
    clear() {
      entries.clear();
      total = 0;
    },
    get size() {
      return entries.size;
    },
    get weight() {
      return total;
    },
  };
}

/** A queue of two classes that is fair inside each: whoever adds a thousand items waits behind whoever adds one. */
export interface FairQueue<T> {
  readonly size: number;
  /** Adds an item for `party`; items of one party keep their order. */
  push(item: T, party: string, urgent: boolean): void;
  /** The next item: the urgent first, parties in turn; every eighth goes to the others, so that they get on at all. */
  shift(): T | undefined;
  /** Takes out everything that waits. */
  drain(): readonly T[];
}

const OTHERS_EVERY = 8;

/** An empty queue. */
export function fairQueue<T>(): FairQueue<T> {
  const urgent = inTurns<T>();
  const others = inTurns<T>();
  let taken = 0;
  return {
    get size() {
      return urgent.size() + others.size();
    },
    push(item, party, isUrgent) {
      (isUrgent ? urgent : others).push(item, party);
    },
    shift() {
      taken++;
      const first = taken % OTHERS_EVERY === 0 ? others : urgent;
      return first.shift() ?? (first === urgent ? others : urgent).shift();
    },
    drain() {
      return [...urgent.drain(), ...others.drain()];
    },
  };
}

function inTurns<T>() {
  // A Map keeps insertion order: the party served moves to the end.
  const parties = new Map<string, T[]>();
  let size = 0;
  return {
    size: () => size,
    push(item: T, party: string) {
      size++;
      const waiting = parties.get(party);
      if (waiting) waiting.push(item);
      else parties.set(party, [item]);
    },
    shift(): T | undefined {
      const next = parties.entries().next();
      if (next.done) return undefined;
      const [party, waiting] = next.value;
      const item = waiting.shift();
      parties.delete(party);
      if (waiting.length > 0) parties.set(party, waiting);
      size--;
      return item;
    },
    drain(): T[] {
      const all = [...parties.values()].flat();
      parties.clear();
      size = 0;
      return all;
    },
  };
}

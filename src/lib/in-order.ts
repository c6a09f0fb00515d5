export interface InOrderBounds {
  /** Items worked on at once. */
  readonly atOnce: number;
  /** Results kept because an earlier one is not there yet. */
  readonly ahead: number;
}

/** Results of `work` in the order of `items`, several at once. An error of `items` or `work` ends it after what came before. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  { atOnce, ahead }: InOrderBounds,
): AsyncGenerator<R> {
  const source = items[Symbol.asyncIterator]();
  const pending: Entry<R>[] = [];
  let running = 0;
  let exhausted = false;
  let oneEnded = Promise.withResolvers<void>();
  const begin = (item: T) => {
    running++;
    const entry: Entry<R> = { result: work(item), isSettled: false };
    const settle = () => {
      running--;
      entry.isSettled = true;
      oneEnded.resolve();
      oneEnded = Promise.withResolvers();
    };
    // An error is seen when its turn comes.
    entry.result.then(settle, settle);
    pending.push(entry);
  };
  try {
    for (;;) {
      while (!exhausted && running < atOnce && pending.length < ahead) {
        const next = await source.next();
        if (next.done === true) exhausted = true;
        else begin(next.value);
      }
      if (pending.length === 0) return;
      if (pending[0]!.isSettled) yield await pending.shift()!.result;
      else await oneEnded.promise;
    }
  } finally {
    await source.return?.();
  }
}

interface Entry<R> {
  readonly result: Promise<R>;
  isSettled: boolean;
}

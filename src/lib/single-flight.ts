/**
 * Lets concurrent callers of one key share one run: `share(key, run)` starts `run` unless one of that key is under way.
 * A failure is shared like a result; the next call after either starts anew.
 */
export function singleFlight<K, V>(): (key: K, run: () => Promise<V>) => Promise<V> {
  const underWay = new Map<K, Promise<V>>();
  return (key, run) => {
    const running = underWay.get(key);
    if (running) return running;
    const started = Promise.resolve()
      .then(run)
      .finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}

// A small cache: the most recently used values, made when they are first asked for.
export interface Recent<K, V> {
  /** The value of a key, made by `make` if it is not there; the least recently used one goes when there are too many. */
  get(key: K, make: () => V): V;
  values(): V[];
  clear(): void;
}

export function recent<K, V>(most: number): Recent<K, V> {
  // In the order of use: the last is the most recent.
  const kept = new Map<K, V>();
  return {
    get(key, make) {
      const value = kept.has(key) ? kept.get(key)! : make();
      kept.delete(key);
      kept.set(key, value);
      for (const old of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(old);
      }
      return value;
    },
    values: () => [...kept.values()],
    clear: () => kept.clear(),
  };
}

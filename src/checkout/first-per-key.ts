/** Keeps the first item of each key, in their order. */
export function firstPerKey<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const taken = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    return !taken.has(key) && taken.add(key);
  });
}

import type { z } from 'zod';
import type { LoadContext } from './loading/read-through.js';

/** How a feature fills a category. */
export interface CategoryDefinition<T> {
  /** Checks what comes from redis; an entry of another shape is a miss. Values are JSON: no dates, no classes. */
  readonly codec: z.ZodType<T>;
  /** Reads one value from the origin; undefined when there is none. It must not read through the cache itself. */
  load(key: string, context: LoadContext): Promise<T | undefined>;
  /** Reads many at once; keys without a value are left out. Without it, `load` is called for each. */
  loadMany?(keys: readonly string[], context: LoadContext): Promise<ReadonlyMap<string, T>>;
  /** The names under which an entry can be made void. */
  tagsOf(value: T, key: string): readonly string[];
  /** The same for "there is nothing under this key". */
  tagsOfMissing?(key: string): readonly string[];
}

export interface ReadOptions {
  /** Goes past every tier to the origin; the answer is kept. */
  readonly refresh?: boolean;
}

/** Loads many by loading each. */
export async function loadEach<T>(
  definition: Pick<CategoryDefinition<T>, 'load'>,
  keys: readonly string[],
  context: LoadContext,
): Promise<Map<string, T>> {
  const values = new Map<string, T>();
  await Promise.all(
    keys.map(async (key) => {
      const value = await definition.load(key, context);
      if (value !== undefined) values.set(key, value);
    }),
  );
  return values;
}

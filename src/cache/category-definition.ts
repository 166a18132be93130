import type { z } from 'zod';
import type { LoadContext, Unchanged } from './loading/load-context.js';

/** How a feature fills a category. */
export interface CategoryDefinition<T> {
  /** Checks what comes from redis; an entry of another shape is a miss. Values are JSON: no dates, no classes. */
  readonly codec: z.ZodType<T>;
  /**
   * What the values and their tags depend on besides the origin and the key, such as settings: an entry made with something
   * else is a miss. Change it when `tagsOf` gives other tags, or entries without them stay.
   */
  readonly madeWith?: string;
  /**
   * Reads one value from the origin; undefined when there is none, `unchanged` when the previous one still holds. It
   * must not read through the cache itself.
   */
  load(key: string, context: LoadContext<T>): Promise<T | Unchanged | undefined>;
  /** Reads many at once; keys without a value are left out. Without it, `load` is called for each. */
  loadMany?(keys: readonly string[], context: LoadContext<T>): Promise<ReadonlyMap<string, T | Unchanged>>;
  /** The names under which an entry can be made void. */
  tagsOf(value: T, key: string): readonly string[];
  /** The same for "there is nothing under this key". */
  tagsOfMissing?(key: string): readonly string[];
}

/** Loads many by loading each. */
export async function loadEach<T>(
  definition: Pick<CategoryDefinition<T>, 'load'>,
  keys: readonly string[],
  context: LoadContext<T>,
): Promise<Map<string, T | Unchanged>> {
  const values = new Map<string, T | Unchanged>();
  await Promise.all(
    keys.map(async (key) => {
      const value = await definition.load(key, context);
      if (value !== undefined) values.set(key, value);
    }),
  );
  return values;
}

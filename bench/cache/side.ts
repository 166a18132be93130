import type { Item } from './items.ts';

/** How a side keeps values: the same object for every reader, or bytes that each reader parses. */
export type Keeping = 'by reference' | 'serialized';

/** How a side is set up. */
export interface SideOptions {
  readonly redisUrl: string;
  readonly keeping: Keeping;
  readonly tags: number;
  /** Without memory every hit comes from redis. */
  readonly memory: boolean;
}

/** One cache, as its own documentation sets it up for these options. */
export interface Side {
  /** A hit, or a load when there is none. */
  get(key: string): Promise<Item>;
  /** A hit without a promise, where the library has that. */
  peek?(key: string): Item | undefined;
  /** A hit that may be sent as it is, where the library has that. */
  getBytes?(key: string): Promise<Buffer>;
  getMany(keys: readonly string[]): Promise<unknown>;
  /** Waits for what goes on in the background. */
  settle?(): Promise<void>;
}

/** The origin of all sides: it answers at once, or after a moment, and counts. */
export interface Origin {
  loads: number;
  load(key: string): Promise<Item>;
  loadMany(keys: readonly string[]): Promise<Item[]>;
}

export type MakeSide = (options: SideOptions, origin: Origin) => Promise<Side>;

// The one place where freshness is decided: a row for each kind of cached data. Times grow with distance from the reader
// (memory < redis), since a nearer copy costs more to keep and less to check again. Invalidation keeps data right; these
// times only bound the harm of changes that no invalidation reports.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIB = 1_024;
const MIB = 1_024 * KIB;

/** How one category is cached. Times in milliseconds unless the name says otherwise. */
export interface CategoryPolicy {
  /** Why these numbers. */
  readonly reason: string;
  readonly memory: {
    /** After this time a copy in memory is checked against redis, in the background while it goes on being served. */
    readonly freshMs: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
    /** Keeps the parsed, frozen value instead of the bytes to send: for code that reads it often. */
    readonly keepsValue: boolean;
  };
  readonly redis: {
    /** How long a document counts as fresh after it was loaded from the origin. */
    readonly freshMs: number;
  };
  /** How long after its fresh time a document is still served while it is reloaded (RFC 5861, section 3). */
  readonly staleMs: number;
  /** How long after its fresh time a document is served when the origin fails or redis is out (RFC 5861, section 4). */
  readonly failSafeMs: number;
  /** How long "not found" is remembered. */
  readonly negativeMs: number;
  /** Fresh times are shortened by a random part of up to this fraction, so that entries loaded together expire apart. */
  readonly jitter: number;
  /** β of XFetch (Vattani, Chierichetti, Lowenstein 2015): above 1 refreshes earlier, 0 never before the fresh time ends. */
  readonly earlyRefreshFactor: number;
  /** A load that takes longer is given up and frees its key. */
  readonly loadDeadlineMs: number;
  /** Documents larger than this are worth compressing in redis. */
  readonly compressAboveBytes: number;
  /** The tags that its entries may carry, as the dependencies of its feature declare them. */
  readonly tags: readonly string[];
  /** Events that make its entries void. */
  readonly invalidatedBy: readonly string[];
  /** What caches in front of the shop may do; `private`: they store nothing. Seconds, as in Cache-Control. */
  readonly edge:
    | 'private'
    | {
        readonly maxAgeS: number;
        readonly sMaxAgeS: number;
        readonly staleWhileRevalidateS: number;
        readonly staleIfErrorS: number;
      };
}

const catalogue = {
  staleMs: 2 * MINUTE,
  failSafeMs: 12 * HOUR,
  jitter: 0.1,
  earlyRefreshFactor: 1,
  loadDeadlineMs: 3 * SECOND,
  compressAboveBytes: 2 * KIB,
  invalidatedBy: ['catalog.changed'],
} as const;

/** The policy table: one row for each category. */
export const cachePolicy = {
  product: {
    ...catalogue,
    reason:
      'The hottest reads; every change names its product, so long times are safe. 20,000 documents of about 2 KiB are a whole mid-sized catalogue. In redis they are compressed above 16 KiB only: to expand a smaller one takes this process as long as to answer the request.',
    memory: { freshMs: MINUTE, maxEntries: 20_000, maxBytes: 64 * MIB, keepsValue: false },
    redis: { freshMs: HOUR },
    negativeMs: 15 * SECOND,
    compressAboveBytes: 16 * KIB,
    tags: ['product:<id>', 'collection:<id>', 'collections', 'catalog:all'],
    edge: { maxAgeS: 0, sMaxAgeS: 60, staleWhileRevalidateS: 60, staleIfErrorS: 3_600 },
  },
  productHandle: {
    ...catalogue,
    reason: 'Handles hardly ever move and an entry is a few bytes; it points at the one copy of the product.',
    memory: { freshMs: 2 * MINUTE, maxEntries: 50_000, maxBytes: 16 * MIB, keepsValue: true },
    redis: { freshMs: 2 * HOUR },
    negativeMs: 15 * SECOND,
    tags: ['product-handle:<handle>', 'catalog:all'],
    edge: 'private',
  },
  productList: {
    ...catalogue,
    reason:
      'Any change of any product may reorder a list, so entries are made void often and many keys are asked for once: short times, little memory.',
    memory: { freshMs: 20 * SECOND, maxEntries: 2_000, maxBytes: 32 * MIB, keepsValue: false },
    redis: { freshMs: 5 * MINUTE },
    staleMs: 30 * SECOND,
    failSafeMs: 2 * HOUR,
    negativeMs: 5 * SECOND,
    tags: ['products', 'collection-products:<id>', 'catalog:all'],
    edge: { maxAgeS: 0, sMaxAgeS: 20, staleWhileRevalidateS: 30, staleIfErrorS: 600 },
  },
  collection: {
    ...catalogue,
    reason: 'Few, small and seldom changed.',
    memory: { freshMs: 2 * MINUTE, maxEntries: 2_000, maxBytes: 8 * MIB, keepsValue: false },
    redis: { freshMs: 2 * HOUR },
    negativeMs: 15 * SECOND,
    tags: ['collection:<id>', 'collection-handle:<handle>', 'catalog:all'],
    edge: { maxAgeS: 0, sMaxAgeS: 120, staleWhileRevalidateS: 120, staleIfErrorS: 3_600 },
  },
  collectionList: {
    ...catalogue,
    reason: 'A handful of pages, read by every visitor of the shop.',
    memory: { freshMs: MINUTE, maxEntries: 200, maxBytes: 4 * MIB, keepsValue: false },
    redis: { freshMs: HOUR },
    negativeMs: 5 * SECOND,
    tags: ['collections', 'catalog:all'],
    edge: { maxAgeS: 0, sMaxAgeS: 60, staleWhileRevalidateS: 60, staleIfErrorS: 3_600 },
  },
  variantOffer: {
    ...catalogue,
    reason:
      'What pricing a cart reads for every line, as values. Orders are priced from PostgreSQL, so a late price costs a 409, never money.',
    memory: { freshMs: 30 * SECOND, maxEntries: 50_000, maxBytes: 64 * MIB, keepsValue: true },
    redis: { freshMs: 30 * MINUTE },
    staleMs: MINUTE,
    negativeMs: 10 * SECOND,
    tags: ['product:<id>', 'products', 'catalog:all'],
    edge: 'private',
  },
  discountRules: {
    ...catalogue,
    reason: 'The key is a version and a version never changes: only memory bounds how long it is kept.',
    memory: { freshMs: HOUR, maxEntries: 50, maxBytes: 16 * MIB, keepsValue: true },
    redis: { freshMs: 24 * HOUR },
    staleMs: HOUR,
    failSafeMs: 24 * HOUR,
    negativeMs: 2 * SECOND,
    tags: [],
    invalidatedBy: [],
    edge: 'private',
  },
  activeRuleSet: {
    ...catalogue,
    reason:
      'One number that says which rules hold: read by every cart, cheap to load, and wrong prices are quoted while it is old.',
    memory: { freshMs: 5 * SECOND, maxEntries: 16, maxBytes: MIB, keepsValue: true },
    redis: { freshMs: 5 * MINUTE },
    staleMs: 5 * SECOND,
    failSafeMs: HOUR,
    negativeMs: 2 * SECOND,
    tags: ['discounts:active'],
    invalidatedBy: ['discounts.activated'],
    edge: 'private',
  },
} as const satisfies Record<string, CategoryPolicy>;

/** A kind of cached data: the name of a row of the policy table. */
export type CategoryName = keyof typeof cachePolicy;

/** Limits of the engine that are the same for every category. */
export const cacheLimits = {
  /** How long after a write was answered another process may serve the old value, while redis is reachable. */
  staleBoundMs: 1_000,
  /** Longest wait for the next invalidation message; each turn proves that none was missed. Well under the bound. */
  followBlockMs: 300,
  /** Deadline of one step in redis during a read. */
  redisDeadlineMs: 200,
  /**
   * A lease without a sign of its holder for this long is free for others. The holder extends it at each third of this time,
   * so it bounds how late a leader's death is noticed, not how long a load may take.
   */
  leaseMs: 2_000,
  /** First and longest pause between two checks on another process's load; each is drawn from half of it up to all of it. */
  followFirstMs: 2,
  followMostMs: 32,
  /** A failed load is not retried for this long: readers meanwhile get the same error. */
  sharedErrorMs: 200,
  /** How long after a failed load a document that was served instead is loaded again. */
  failSafeThrottleMs: 5 * SECOND,
  /** How many times longer, at most, copies that are read all the time stay in memory until checked against redis. */
  hotStretch: 4,
  /** Most loads waiting for a place at the origin; further ones are refused. */
  originQueue: 500,
  /** A load gives up its place after this long, unless the application says how long a query may run. */
  loadLifeMs: 30 * SECOND,
  /** Most keys of one `getMany`, and tags of one published message. */
  maxBatch: 500,
  maxKeyLength: 1_000,
  /** A longer fresh time given by a loader is cut to this. */
  longestFreshMs: 365 * DAY,
  /** A value with more tags is served and not kept. */
  maxTagsOfEntry: 300,
  /** A change that would drop more tags drops everything of its feature: each tag costs a marker of `maxTagMarkers`. */
  maxTagsOfChange: 2_000,
  /** Invalidations kept for replay while redis is out; beyond it everything is made void instead. */
  maxPendingInvalidations: 1_000,
  /** Length of the stream of invalidations: a process that falls further behind drops its memory. */
  streamLength: 20_000,
  /** Stamps of tags kept in redis. The oldest go first, and with them every entry that is older. */
  maxTagMarkers: 200_000,
} as const;

/** The longest an entry can live in redis: its tags' stamps must be remembered at least as long. */
export function longestLifeMs(policies: Record<string, CategoryPolicy> = cachePolicy): number {
  return Math.max(...Object.values(policies).map((policy) => policy.redis.freshMs + lateMs(policy)));
}

/** How long after its fresh time an entry may still be of use. */
export function lateMs(policy: CategoryPolicy): number {
  return Math.max(policy.staleMs, policy.failSafeMs);
}

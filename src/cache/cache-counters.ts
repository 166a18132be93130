// Plain integers, counted on the synchronous hit path and turned into metrics only when they are read.

export class TierCounters {
  hit = 0;
  stale = 0;
  negative = 0;
  miss = 0;
  error = 0;
}

/** What one category was asked and which tier answered: a miss in one tier is a request to the next. */
export class CategoryCounters {
  readonly memory = new TierCounters();
  readonly redis = new TierCounters();
  readonly origin = new TierCounters();
  /** Requests that waited for a load which another one had begun. */
  coalesced = 0;
  /** Entries in redis that did not fit the category's codec or the envelope. */
  unreadable = 0;
  /** Fills of redis refused because the key was invalidated during the load. */
  refusedFills = 0;
  /** Loaded values that were not kept because they have more tags than an entry may have. */
  overTagged = 0;
}

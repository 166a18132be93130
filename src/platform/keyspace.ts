// Every Redis key of the system. The text in braces is the hash tag: keys that one script touches share it, so that
// they live in one slot of a Redis Cluster. The prefix names the layer, so that one server can hold all three.

/** The inventory partition of a shop that has one and shares its Redis with no other. */
export const DEFAULT_PARTITION = '0';

/** Prefix of a shop's keys where several share a Redis. The connection adds it, so no key below has it. */
export const tenantPrefix = (tenant: string): string => `${tenant}:`;

/** The hash tags of a shop's stock: a tenant's are its own, so that a cluster can spread tenants over its nodes. */
export const inventoryPartitions = (count: number, tenant?: string): string[] =>
  Array.from({ length: count }, (_, i) => (tenant ? `${tenant}.${i}` : String(i)));

/** The number of a variant's partition out of `count`: by the end of its id, which is random. */
export function inventoryPartition(variantId: string, count: number): number {
  return count === 1 ? 0 : Number.parseInt(variantId.slice(-8), 16) % count;
}

/** Session documents are spread over these hash tags, so that a cluster can spread them over its nodes. */
export const SESSION_SHARDS = ['s0', 's1', 's2', 's3'] as const;
export type SessionShard = (typeof SESSION_SHARDS)[number];

/** The shard of a document: by the last hex digit of its id, so it never moves. */
export function sessionShard(id: string): SessionShard {
  return SESSION_SHARDS[Number.parseInt(id.slice(-1), 16) & 3] ?? 's0';
}

export const keyspace = {
  operational: {
    /**
     * Epoch and server run id of a partition out of `count`: absent or foreign means that Redis may have lost data. A shop
     * that changes the number begins anew, or it would trust partitions that had been out of use.
     */
    inventoryEpoch: (partition: string, count: number) =>
      count === 1 ? `op:{inv:${partition}}:epoch` : `op:{inv:${partition}}:epoch:${count}`,
    /** Hash: the level and the sum of its holds (lua/shared/stock-levels.lua, which knows how this key ends). */
    level: (partition: string, variantId: string, locationId: string) =>
      `op:{inv:${partition}}:level:${variantId}:${locationId}`,
    /** Sorted set: hold id and quantity → expiry (Redis ms). */
    holdExpiries: (partition: string, variantId: string, locationId: string) =>
      `op:{inv:${partition}}:exp:${variantId}:${locationId}`,
    hold: (partition: string, holdId: string) => `op:{inv:${partition}}:hold:${holdId}`,
    checkout: (checkoutId: string) => `op:{checkout:${checkoutId}}:session`,
    checkoutOfCart: (cartId: string) => `op:{cart:${cartId}}:checkout`,
    lock: (name: string) => `op:{lock:${name}}`,
    /** The last fencing token given to a holder of the lock. */
    lockFence: (name: string) => `op:{lock:${name}}:fence`,
  },
  application: {
    entry: (category: string, key: string) => `app:{${category}:${key}}:entry`,
    /** The category and key of a name that `entry` made; undefined for any other name. */
    parseEntry: (name: string): { readonly category: string; readonly key: string } | undefined => {
      const match = /^app:\{(\w+):(.*)\}:entry$/s.exec(name);
      return match?.[1] !== undefined && match[2] !== undefined ? { category: match[1], key: match[2] } : undefined;
    },
    /** Lease of a load: filling the entry needs its token. */
    fence: (category: string, key: string) => `app:{${category}:${key}}:fence`,
    /** Clock, tag stamps and the stream of invalidations change together, so they share a tag. */
    clock: () => 'app:{cache}:clock',
    tagStamps: () => 'app:{cache}:tags',
    invalidations: () => 'app:{cache}:invalidations',
    /** Sorted set: the most wanted keys of a category, over all processes. */
    popularity: (category: string) => `app:{popularity:${category}}`,
  },
  session: {
    cart: (cartId: string) => `ses:{${sessionShard(cartId)}}:cart:${cartId}`,
    preferences: (customerId: string) => `ses:{${sessionShard(customerId)}}:preferences:${customerId}`,
    customerCart: (customerId: string) => `ses:{${sessionShard(customerId)}}:customer-cart:${customerId}`,
    loginFailures: (emailHash: string) => `ses:{login:${emailHash}}:failures`,
    /** Token of a reader that restores a document from PostgreSQL; in the slot of the document. */
    documentLease: (documentKey: string) => `${documentKey}:restore`,
    /** Epoch and server run id of a shard: absent or foreign means that Redis may have lost documents. */
    epoch: (shard: SessionShard) => `ses:{${shard}}:epoch`,
    /** Stream of changed documents on their way to PostgreSQL: one for each shard, beside the documents it carries. */
    writeBehind: (shard: SessionShard) => `ses:{${shard}}:writes`,
  },
} as const;

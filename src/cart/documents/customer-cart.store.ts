import { Inject, Injectable } from '@nestjs/common';
import { type DocumentStore, isPastRedis, WriteBehind } from '../../cache/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { keyspace, sessionShard } from '../../platform/keyspace.js';
import { type CartPointer, cartPointer } from './cart-document.js';
import { CartsRepository } from './carts.repository.js';

/** Points at a customer's current cart. */
export interface FoundPointer {
  readonly version: number;
  readonly cartId: string;
  /** Written while Redis was away: the cart was not made in Redis alone before that. */
  readonly isPastRedis: boolean;
}

/** Which cart is a customer's current one; kept as carts are. */
@Injectable()
export class CustomerCartStore {
  private readonly pointers: DocumentStore<CartPointer>;

  constructor(
    @Inject(WriteBehind) writeBehind: WriteBehind,
    @Inject(CartsRepository) repository: CartsRepository,
    @Inject(CONFIG) config: Config,
  ) {
    this.pointers = writeBehind.register({
      kind: 'customer-cart',
      codec: cartPointer,
      ttlMs: config.CART_TTL_S * 1_000,
      keyOf: keyspace.session.customerCart,
      shardOf: sessionShard,
      load: (customerId) => repository.loadPointer(customerId),
      fold: (batch) => repository.foldPointers(batch),
      replace: (tx, next, expected) => repository.replacePointer(tx, next, expected),
    });
  }

  async find(customerId: string): Promise<FoundPointer | undefined> {
    const found = await this.pointers.get(customerId);
    if (!found) return undefined;
    const { version, document } = found;
    return { version, cartId: document.cartId, isPastRedis: isPastRedis(version) };
  }

  /** Points at a cart, if `expectedVersion` (0: none) still stands. @returns whether it did. */
  async write(customerId: string, expectedVersion: number, cartId: string): Promise<boolean> {
    const put = await this.pointers.put(customerId, expectedVersion, { cartId });
    return put.outcome === 'ok';
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { type DocumentStore, type VersionedDocument, WriteBehind } from '../../cache/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { keyspace, sessionShard } from '../../platform/keyspace.js';
import { type Cart, type CartDocument, cartDocument } from './cart-document.js';
import { CartsRepository } from './carts.repository.js';

/** Carts in the session layer; folded into PostgreSQL behind. */
@Injectable()
export class CartStore {
  private readonly documents: DocumentStore<CartDocument>;

  constructor(
    @Inject(WriteBehind) writeBehind: WriteBehind,
    @Inject(CartsRepository) repository: CartsRepository,
    @Inject(CONFIG) config: Config,
  ) {
    this.documents = writeBehind.register({
      kind: 'cart',
      codec: cartDocument,
      ttlMs: config.CART_TTL_S * 1_000,
      keyOf: keyspace.session.cart,
      shardOf: sessionShard,
      load: (id) => repository.loadCart(id),
      fold: (batch) => repository.foldCarts(batch),
      replace: (tx, next, expected) => repository.replaceCart(tx, next, expected),
    });
  }

  /**
   * A cart by the id that its owner was given.
   * @param cartId in any case; unless lowered, it would be the key of a second cart beside the one in PostgreSQL
   * @throws AppError `unavailable` when it may be only in Redis, and Redis is away
   */
  async find(cartId: string): Promise<Cart | undefined> {
    const id = cartId.toLowerCase();
    return toCart(id, await this.documents.getMade(id));
  }

  /** A cart that may not exist yet: a pointer that was written past Redis stands before its cart does. */
  async findPointedAt(id: string): Promise<Cart | undefined> {
    return toCart(id, await this.documents.get(id));
  }

  /** Writes the first version. `isNewId`: the id was made just now. @returns undefined when the cart exists already. */
  async create(id: string, document: CartDocument, isNewId: boolean): Promise<Cart | undefined> {
    const put = isNewId ? await this.documents.create(id, document) : await this.documents.put(id, 0, document);
    return put.outcome === 'ok' ? { ...document, id, version: put.version } : undefined;
  }

  /** Writes the next version of a cart. @returns undefined when it has another version now. */
  async write({ id, version }: Cart, next: CartDocument): Promise<Cart | undefined> {
    const document = withoutIdentity(next);
    const put = await this.documents.put(id, version, document);
    return put.outcome === 'ok' ? { ...document, id, version: put.version } : undefined;
  }
}

const toCart = (id: string, found: VersionedDocument<CartDocument> | undefined): Cart | undefined =>
  found && { ...found.document, id, version: found.version };

/** A change spreads the cart that it was given, but the document must not contain its id and version. */
function withoutIdentity(cart: CartDocument & Partial<Pick<Cart, 'id' | 'version'>>): CartDocument {
  const { id: _id, version: _version, ...document } = cart;
  return document;
}

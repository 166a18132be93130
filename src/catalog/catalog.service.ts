import { Inject, Injectable } from '@nestjs/common';
import type { FoundAnswer } from '../cache/index.js';
import type { Tx } from '../platform/database/database.js';
import { notFound } from '../platform/errors.js';
import { isUuid } from '../platform/ids.js';
import { CatalogCache } from './catalog-cache.js';
import { type CachedOffer, type Offer, toCachedOffer } from './offer.js';
import type { ProductDocument } from './products/product.dto.js';
import { ProductRepository } from './products/product.repository.js';

const MAX_OFFERS_AT_ONCE = 500;

/** What other modules ask of the catalogue. */
@Injectable()
export class CatalogService {
  constructor(
    @Inject(CatalogCache) private readonly cache: CatalogCache,
    @Inject(ProductRepository) private readonly products: ProductRepository,
  ) {}

  /**
   * The published product with this id or handle, from the cache.
   * @throws AppError `not_found`
   */
  async product(idOrHandle: string): Promise<FoundAnswer<ProductDocument>> {
    const answer = await this.findProduct(idOrHandle);
    if (!answer) throw notFound('The product');
    return answer;
  }

  /** Like `product`, but undefined when there is none. */
  async findProduct(idOrHandle: string): Promise<FoundAnswer<ProductDocument> | undefined> {
    const id = await this.idOf(idOrHandle);
    const answer = id === undefined ? undefined : await this.cache.product.get(id);
    return answer?.found ? answer : undefined;
  }

  /** Like `findProduct`, but only from memory. */
  peekProduct(idOrHandle: string): FoundAnswer<ProductDocument> | undefined {
    const id = isUuid(idOrHandle) ? idOrHandle : this.peekIdOf(idOrHandle);
    const answer = id === undefined ? undefined : this.cache.product.peek(id);
    return answer?.found ? answer : undefined;
  }

  /** The variants of a published product that are on offer, in its order; undefined when there is no such product. */
  async variantIdsOf(idOrHandle: string): Promise<string[] | undefined> {
    const answer = await this.findProduct(idOrHandle);
    return answer?.document.value.variants.map((variant) => variant.id);
  }

  /**
   * What is offered under these variant ids, from the cache: at most a second old. Ids that are not offered (unknown,
   * retired, of a draft) are absent.
   */
  async offers(variantIds: readonly string[]): Promise<Map<string, Offer>> {
    const ids = [...new Set(variantIds)].filter(isUuid);
    const offers = new Map<string, Offer>();
    for (let from = 0; from < ids.length; from += MAX_OFFERS_AT_ONCE) {
      const some = ids.slice(from, from + MAX_OFFERS_AT_ONCE);
      const answers = await this.cache.variantOffer.getMany(some);
      some.forEach((id, i) => {
        const answer = answers[i];
        if (answer?.found) keepListed(offers, id, answer.document.value);
      });
    }
    return offers;
  }

  /** The same, read from PostgreSQL in the caller's transaction: orders are priced by it. */
  async offersAtOrigin(tx: Tx, variantIds: readonly string[]): Promise<Map<string, Offer>> {
    const rows = await this.products.findOffers([...new Set(variantIds)], tx);
    const offers = new Map<string, Offer>();
    for (const row of rows) keepListed(offers, row.variantId, toCachedOffer(row));
    return offers;
  }

  /** How many products there are, drafts included. */
  productCount(): Promise<number> {
    return this.products.count();
  }

  /** Some variants with a price, for examples; none in an empty shop. */
  someVariantIds(limit: number): Promise<string[]> {
    return this.products.findPricedVariantIds(limit);
  }

  private peekIdOf(handle: string): string | undefined {
    const answer = this.cache.productHandle.peek(handle);
    return answer?.found ? answer.document.value : undefined;
  }

  private async idOf(idOrHandle: string): Promise<string | undefined> {
    const id = idOrHandle.toLowerCase();
    if (isUuid(id)) return id;
    const answer = await this.cache.productHandle.get(idOrHandle);
    return answer.found ? answer.document.value : undefined;
  }
}

function keepListed(offers: Map<string, Offer>, id: string, { listed, ...offer }: CachedOffer): void {
  if (listed) offers.set(id, offer);
}

import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '../../platform/errors.js';
import type { Place } from '../holds/level-in-redis.js';
import { LevelsRepository } from '../levels/levels.repository.js';
import { DEFAULT_LOCATION_ID } from '../locations/locations.js';
import { LocationsRepository } from '../locations/locations.repository.js';

/** A variant by its id or by its SKU. */
export type VariantReference = { readonly variantId: string } | { readonly sku: string };

/** How people name a level. */
export interface LevelReference {
  readonly variant: VariantReference;
  /** Id or code; the default location when absent. */
  readonly location?: string | undefined;
}

/** Finds the level that people name. */
@Injectable()
export class StockReferences {
  constructor(
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(LocationsRepository) private readonly locations: LocationsRepository,
  ) {}

  /** @throws AppError `not_found` */
  async placeOf({ variant, location }: LevelReference): Promise<Place> {
    return { variantId: await this.variantIdOf(variant), locationId: await this.locationIdOf(location) };
  }

  /** @throws AppError `not_found` */
  async variantIdOf(variant: VariantReference): Promise<string> {
    if ('variantId' in variant) return variant.variantId.toLowerCase();
    const variantId = await this.levels.variantIdOfSku(variant.sku);
    if (variantId === undefined) throw notFound('A variant with this SKU');
    return variantId;
  }

  /** @throws AppError `not_found` */
  async locationIdOf(location: string | undefined): Promise<string> {
    if (location === undefined) return DEFAULT_LOCATION_ID;
    const found = await this.locations.find(location);
    if (!found) throw notFound('The location');
    return found.id;
  }
}

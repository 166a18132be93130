import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../platform/database/database.js';
import { AppError, invalidField, notFound } from '../platform/errors.js';
import { LOGGER } from '../platform/logging.js';
import { AdjustmentsRepository, MAX_ON_HAND, type StockChange } from './adjustments.repository.js';
import { tellLevelChanges } from './level-changes.js';
import { LevelMirror } from './level-mirror.service.js';
import { LevelsRepository } from './levels.repository.js';
import { DEFAULT_LOCATION_ID } from './locations.js';

/** A variant by its id or by its SKU. */
export type VariantReference = { readonly variantId: string } | { readonly sku: string };

export interface Adjustment {
  readonly variant: VariantReference;
  /** Id or code; the default location when absent. */
  readonly location?: string | undefined;
  readonly change: StockChange;
  /** Why, for the ledger. */
  readonly reason: string;
  /** The version of the level that the change was decided on. */
  readonly expectedVersion?: number | undefined;
}

export interface AdjustedLevel {
  readonly variantId: string;
  readonly locationId: string;
  readonly before: number;
  readonly onHand: number;
  /** Units still owed to orders. */
  readonly backordered: number;
  readonly version: number;
}

/** Stock changed by people. */
@Injectable()
export class StockAdministration {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(AdjustmentsRepository) private readonly adjustments: AdjustmentsRepository,
    @Inject(LevelMirror) private readonly mirror: LevelMirror,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * What comes in serves the units that the level owes, and the rest is on hand.
   * @throws AppError `not_found`, `version_conflict`, or `validation_failed` when there would be less than nothing
   */
  async adjust({ variant, location, change, reason, expectedVersion }: Adjustment): Promise<AdjustedLevel> {
    const place = { variantId: await this.variantIdOf(variant), locationId: await this.locationIdOf(location) };
    const result = await this.database.transaction(async (tx) => {
      const adjusted = await this.adjustments.adjust(tx, place, change, reason, expectedVersion);
      if (adjusted.kind === 'adjusted' && adjusted.changed) await tellLevelChanges(tx, [place.variantId]);
      return adjusted;
    });
    if (result.kind === 'missing') throw notFound('A stock level of this variant at this location');
    if (result.kind === 'other_version') {
      const detail = `The level has version ${result.version}, not ${expectedVersion}. Read it again and decide anew.`;
      throw new AppError('version_conflict', { detail, extra: { version: result.version } });
    }
    if (result.kind === 'out_of_bounds') {
      const text = `would leave less than 0 or more than ${MAX_ON_HAND}; there are ${result.before}`;
      throw invalidField('delta' in change ? 'delta' : 'onHand', 'out_of_bounds', text);
    }
    await this.showAtOnce(place.variantId);
    const { before, onHand, backordered, version } = result;
    return { ...place, before, onHand, backordered, version };
  }

  /** @throws AppError `not_found` */
  async variantIdOf(variant: VariantReference): Promise<string> {
    if ('variantId' in variant) return variant.variantId.toLowerCase();
    const variantId = await this.levels.variantIdOfSku(variant.sku);
    if (variantId === undefined) throw notFound('A variant with this SKU');
    return variantId;
  }

  private async locationIdOf(location: string | undefined): Promise<string> {
    if (location === undefined) return DEFAULT_LOCATION_ID;
    const id = await this.levels.locationId(location);
    if (id === undefined) throw notFound('The location');
    return id;
  }

  /** Whoever changed it reads it; should this fail, the event in the outbox does it a little later. */
  private async showAtOnce(variantId: string): Promise<void> {
    await this.mirror.refresh([variantId]).catch((error: unknown) => {
      this.logger.info({ err: error }, 'redis will follow a change of stock later');
    });
  }
}

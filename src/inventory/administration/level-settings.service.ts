import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '../../platform/errors.js';
import type { Place } from '../holds/level-in-redis.js';
import { otherVersion } from './adjust-level.js';
import { type LevelSettings, LevelSettingsRepository } from './level-settings.repository.js';
import { type LevelReference, StockReferences } from './stock-references.service.js';
import { StockWrites } from './stock-writes.service.js';

export interface SettingsChange extends LevelReference {
  readonly settings: LevelSettings;
  readonly expectedVersion?: number | undefined;
}

/** The rules by which a level is sold. */
@Injectable()
export class LevelSettingsService {
  constructor(
    @Inject(StockReferences) private readonly references: StockReferences,
    @Inject(StockWrites) private readonly writes: StockWrites,
    @Inject(LevelSettingsRepository) private readonly repository: LevelSettingsRepository,
  ) {}

  /**
   * A limit may be lowered below what is owed: no more backorders are taken then until enough has come in.
   * @throws AppError `not_found`, `version_conflict`
   */
  async change({ settings, expectedVersion, ...level }: SettingsChange): Promise<Place & { version: number }> {
    const place = await this.references.placeOf(level);
    return this.writes.run(undefined, async (tx) => {
      const result = await this.repository.set(tx, place, settings, expectedVersion);
      if (!result) throw notFound('A stock level of this variant at this location');
      if (result.kind === 'other_version') throw otherVersion(result.version, expectedVersion);
      const variantIds = result.changed ? [place.variantId] : [];
      return { answer: { ...place, version: result.version }, variantIds };
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../platform/database/database.js';
import { AppError, notFound } from '../platform/errors.js';
import { decodeCursor, type Page, toPage } from '../platform/http/page.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { DiscountUsagesRepository } from './discount-usages.repository.js';
import type { DiscountVersion, DraftRequest, DraftResponse } from './discounts.dto.js';
import { RuleSetCache } from './rule-set-cache.js';
import { RuleSetsRepository } from './rule-sets.repository.js';

const position = z.tuple([z.int().max(2_147_483_647).min(0)]);

/** What administrators do: edit the draft, publish it as the next version, go back to an older one. */
@Injectable()
export class RuleSetsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RuleSetsRepository) private readonly ruleSets: RuleSetsRepository,
    @Inject(DiscountUsagesRepository) private readonly usages: DiscountUsagesRepository,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(RuleSetCache) private readonly cache: RuleSetCache,
  ) {}

  async draft(): Promise<DraftResponse> {
    const { updatedAt, discounts, ...draft } = await this.ruleSets.draft();
    return { ...draft, updatedAt: updatedAt.toISOString(), discounts: [...discounts] };
  }

  async replaceDraft({ discounts, revision }: DraftRequest): Promise<DraftResponse> {
    if (!(await this.ruleSets.replaceDraft(discounts, revision))) {
      throw new AppError('version_conflict', {
        detail: 'The draft has another revision now. Read it and edit it again.',
      });
    }
    return this.draft();
  }

  /** Makes the draft the next version and activates it. */
  async publish(): Promise<{ version: number }> {
    const version = await this.database.transaction(async (tx) => {
      const { discounts } = await this.ruleSets.draft(tx, true);
      const next = await this.ruleSets.insertNext(tx, discounts);
      const limited = discounts.filter((rule) => rule.usageLimit !== undefined).map((rule) => rule.code);
      await this.usages.startCounting(tx, limited);
      await this.ruleSets.setActive(tx, next);
      return next;
    });
    await this.announce();
    return { version };
  }

  /** Makes a published version the active one. Activating the active one changes nothing. */
  async activate(version: number): Promise<{ version: number }> {
    await this.database.transaction(async (tx) => {
      const { activeVersion } = await this.ruleSets.draft(tx, true);
      if (!(await this.ruleSets.find(version, tx))) throw notFound(`Discount version ${version}`);
      if (activeVersion === version) return;
      await this.ruleSets.setActive(tx, version);
    });
    await this.announce();
    return { version };
  }

  /** Published versions, newest first. */
  async list(limit: number, cursor: string | undefined): Promise<Page<DiscountVersion>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, position)[0];
    const [rows, active] = await Promise.all([this.ruleSets.list(limit + 1, before), this.ruleSets.activeVersion()]);
    return toPage(
      rows,
      limit,
      ({ publishedAt, ...row }) => ({ ...row, publishedAt: publishedAt.toISOString(), active: row.version === active }),
      (row) => [row.version],
    );
  }

  /** The writer reads its own write at once; the relay repeats this for every process, on the event of a trigger. */
  private async announce(): Promise<void> {
    this.relay.nudge();
    await this.cache.forgetActive();
  }
}

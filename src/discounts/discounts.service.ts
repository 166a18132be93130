import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { AppliedDiscount } from './choose-discounts.js';
import { DiscountUsagesRepository } from './discount-usages.repository.js';
import { normaliseCode, type RuleSet } from './rule-set.js';
import { RuleSetCache } from './rule-set-cache.js';
import { RuleSetsRepository } from './rule-sets.repository.js';

/** What an order used: the applied discounts of `priceLines` under a version, in minor units of `currency`. */
export interface DiscountUse {
  readonly orderId: string;
  readonly ruleSetVersion: number;
  readonly currency: string;
  readonly applied: readonly AppliedDiscount[];
}

/** Whether the codes of an order were counted. */
export type UsageResult =
  | { readonly kind: 'ok' }
  /** These codes have been used as often as they may be; nothing was written. */
  | { readonly kind: 'exhausted'; readonly codes: readonly string[] };

/** The rules in force, and how often codes were used. */
@Injectable()
export class DiscountsService {
  /** The version last needed at the origin: published versions never change, so it cannot be out of date. */
  private latestAtOrigin: RuleSet | undefined;

  constructor(
    @Inject(RuleSetCache) private readonly cache: RuleSetCache,
    @Inject(RuleSetsRepository) private readonly ruleSets: RuleSetsRepository,
    @Inject(DiscountUsagesRepository) private readonly usages: DiscountUsagesRepository,
  ) {}

  /** The active rule set from the nearest tier. */
  active(): Promise<RuleSet> {
    return this.cache.active();
  }

  /** The rule set that is active in PostgreSQL now. Reads on `tx` only, so it never waits for a second connection. */
  async activeAtOrigin(tx: Tx): Promise<RuleSet> {
    return this.atOrigin(tx, await this.ruleSets.activeVersion(tx));
  }

  /**
   * Counts the codes of orders in their placing transaction, for all of them or for none; counting an order again changes
   * nothing. Codes with a limit stay locked until `tx` ends, so their last use is given once. Call it before stock is
   * allocated: every transaction then takes its locks in one order.
   */
  async recordUsage(tx: Tx, uses: readonly DiscountUse[]): Promise<UsageResult> {
    const rows = uses.flatMap(({ applied, ...order }) =>
      applied.map(({ code, amountMinor }) => ({ ...order, code, amountMinor })),
    );
    if (rows.length === 0) return { kind: 'ok' };
    const codes = [...new Set(rows.map((row) => row.code))];
    const used = await this.usages.lockCounts(tx, codes);
    const isRecorded = await this.usages.recorded(tx, rows);
    const fresh = rows.filter((row) => !isRecorded(row));
    const exhausted = new Set<string>();
    for (const { code, ruleSetVersion } of fresh) {
      const ruleSet = await this.atOrigin(tx, ruleSetVersion);
      for (const one of exhaustedAmong(ruleSet, [code], used)) exhausted.add(one);
      used.set(code, (used.get(code) ?? 0) + 1);
    }
    if (exhausted.size > 0) return { kind: 'exhausted', codes: [...exhausted] };
    await this.usages.insert(tx, fresh);
    return { kind: 'ok' };
  }

  /** Gives back the uses of a cancelled order, in the transaction that cancels it. */
  async releaseUsage(tx: Tx, orderId: string): Promise<void> {
    await this.usages.remove(tx, orderId);
  }

  /** Those of the codes (in any case) that were used as often as the rule set allows. Asks PostgreSQL only when one is limited. */
  async exhausted(ruleSet: RuleSet, codes: readonly string[]): Promise<string[]> {
    const limited = limitedAmong(ruleSet, codes);
    return limited.length === 0 ? [] : exhaustedAmong(ruleSet, limited, await this.usages.counts(limited));
  }

  private async atOrigin(tx: Tx, version: number): Promise<RuleSet> {
    if (this.latestAtOrigin?.version === version) return this.latestAtOrigin;
    const ruleSet = await this.ruleSets.find(version, tx);
    if (!ruleSet) throw new Error(`the discount rule set ${version} is missing`);
    this.latestAtOrigin = ruleSet;
    return ruleSet;
  }
}

function limitedAmong(ruleSet: RuleSet, codes: readonly string[]): string[] {
  const asked = new Set(codes.map(normaliseCode));
  return ruleSet.discounts
    .filter((rule) => rule.usageLimit !== undefined && asked.has(rule.code))
    .map((rule) => rule.code);
}

function exhaustedAmong(ruleSet: RuleSet, codes: readonly string[], used: ReadonlyMap<string, number>): string[] {
  return codes.filter((code) => {
    const limit = ruleSet.discounts.find((rule) => rule.code === code)?.usageLimit;
    if (limit === undefined) return false;
    const count = used.get(code);
    if (count === undefined) throw new Error(`the uses of discount code ${code} are not counted`);
    return count >= limit;
  });
}

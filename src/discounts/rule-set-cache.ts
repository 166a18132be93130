// The active rule set in the cache tiers: a pointer that is made void when another version is activated, and bundles
// under their version, which never change. So a void pointer costs a process one small read, and a bundle only if the
// version is new to it.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type Category, type Dependencies, TieredCache, WarmUps } from '../cache/index.js';
import { type DiscountDependencies, discountDependencies } from './discount-dependencies.js';
import { type RuleSet, ruleSet } from './rule-set.js';
import { RuleSetsRepository } from './rule-sets.repository.js';

const POINTER = 'active';

@Injectable()
export class RuleSetCache {
  private readonly pointer: Category<number>;
  private readonly bundles: Category<RuleSet>;
  private readonly dependencies: Dependencies<DiscountDependencies>;

  constructor(
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(WarmUps) warmUps: WarmUps,
    @Inject(RuleSetsRepository) ruleSets: RuleSetsRepository,
  ) {
    this.dependencies = cache.declare(discountDependencies);
    this.pointer = cache.register('activeRuleSet', {
      codec: z.int(),
      load: () => ruleSets.activeVersion(),
      tagsOf: () => this.dependencies.carried('activeRuleSet', { activeRuleSet: true }),
    });
    this.bundles = cache.register('discountRules', {
      codec: ruleSet,
      load: (version) => ruleSets.find(Number(version)),
      tagsOf: () => [],
    });
    warmUps.register('discountRules', {
      plan: async () => [
        { category: 'activeRuleSet', keys: [POINTER] },
        { category: 'discountRules', keys: [String(await ruleSets.activeVersion())] },
      ],
    });
  }

  /** The active rule set from the nearest tier; the same frozen object as long as it is in memory. */
  async active(): Promise<RuleSet> {
    const pointer = await this.pointer.get(POINTER);
    const bundle = pointer.found ? await this.bundles.get(String(pointer.document.value)) : undefined;
    if (!bundle?.found) throw new Error('the active discount rule set is missing');
    return bundle.document.value;
  }

  /** Another version was activated: no process serves the old pointer any more. @returns whether all were told. */
  async forgetActive(): Promise<boolean> {
    const changed = this.dependencies.changes().changed('activation', {});
    const { published } = await this.cache.invalidate({ tags: changed.list() });
    return published;
  }
}

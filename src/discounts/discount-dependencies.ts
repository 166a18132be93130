// What depends on the rules in force. Published rule sets never change, so only the pointer to the active one can become
// void.
import type { DependencyDeclaration } from '../cache/index.js';

/** Which rows of the discounts make cached rules void. */
export const discountDependencies = {
  feature: 'discounts',
  event: 'discounts.activated',
  kinds: {
    /** Another version becomes the active one. */
    activation: { table: 'discount_state', shownBy: ['activeRuleSet'] },
    activeRuleSet: { tag: 'discounts:active' },
  },
  whole: 'activeRuleSet',
  categories: ['activeRuleSet'],
} as const satisfies DependencyDeclaration;

export type DiscountDependencies = typeof discountDependencies;

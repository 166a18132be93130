/**
 * Discounts: versioned rule sets, the codes that apply to a cart, and the arithmetic of prices.
 * Application layer; PostgreSQL counts how often codes are used.
 */
export {
  type AppliedDiscount,
  REFUSAL_REASONS,
  type RefusalReason,
  type RefusedDiscount,
} from './choose-discounts.js';
export { discountDependencies } from './discount-dependencies.js';
export { DiscountsModule } from './discounts.module.js';
export { DiscountsService, type DiscountUse, type UsageResult } from './discounts.service.js';
export {
  type LinePrice,
  type PriceAnswer,
  type PriceableLine,
  type PriceQuestion,
  priceLines,
  type TaxRule,
} from './price-lines.js';
export { discountCode, type RuleSet } from './rule-set.js';

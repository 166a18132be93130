// Which of the codes in a cart apply, and what each takes off. Every choice is independent of the order in which
// lines and codes were entered, so that the same cart has one price.
import { formatMinor, mulDivRound } from '../platform/money.js';
import { type DiscountRule, normaliseCode, type RuleSet } from './rule-set.js';

/** Why a code is not taken, as stable words. */
export const REFUSAL_REASONS = [
  'unknown_code',
  'not_started',
  'expired',
  'currency_not_supported',
  'minimum_not_met',
  'usage_limit_reached',
  'not_combinable',
  'no_effect',
] as const;
/** One of `REFUSAL_REASONS`. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A code that was taken, with what it takes off (always more than nothing). */
export interface AppliedDiscount {
  readonly code: string;
  readonly title: string;
  readonly amountMinor: number;
}

/** A code that was not taken: why, as a stable word and as a sentence for the customer. */
export interface RefusedDiscount {
  readonly code: string;
  readonly reason: RefusalReason;
  readonly text: string;
}

export interface DiscountQuestion {
  readonly currency: string;
  /** Value of all lines before discounts, minor units. */
  readonly subtotalMinor: number;
  readonly ruleSet: RuleSet;
  /** In any case and order; repeated ones count once. */
  readonly codes: readonly string[];
  readonly nowMs: number;
  /** Codes whose usage limit is known to be reached. */
  readonly exhaustedCodes?: readonly string[] | undefined;
}

interface Candidate {
  readonly rule: DiscountRule;
  readonly amountMinor: number;
}

/**
 * Percentages are taken of the subtotal before discounts, not of each other; halves round up. Discounts never exceed
 * the subtotal. A code that is not combinable applies alone: the customer gets all combinable codes together or one other
 * code alone, whichever takes off most (the combinable ones when equal).
 */
export function chooseDiscounts(question: DiscountQuestion): {
  readonly applied: readonly AppliedDiscount[];
  readonly refused: readonly RefusedDiscount[];
} {
  const refused: RefusedDiscount[] = [];
  const candidates: Candidate[] = [];
  for (const code of new Set(question.codes.map(normaliseCode))) {
    const rule = question.ruleSet.discounts.find((one) => one.code === code);
    const refusal = rule ? refusalOf(rule, question) : refuse(code, 'unknown_code', `${code} is not a valid code.`);
    if (refusal) refused.push(refusal);
    else if (rule) candidates.push({ rule, amountMinor: fullAmount(rule, question) });
  }
  candidates.sort(canonicalOrder);
  const chosen = bestAlternative(candidates, question.subtotalMinor);
  for (const { rule } of candidates.filter((candidate) => !chosen.includes(candidate))) {
    const others = chosen.map((candidate) => candidate.rule.code).join(', ');
    refused.push(refuse(rule.code, 'not_combinable', `${rule.code} cannot be combined with ${others}.`));
  }
  const applied: AppliedDiscount[] = [];
  let leftMinor = question.subtotalMinor;
  for (const { rule, amountMinor } of chosen) {
    const taken = Math.min(amountMinor, leftMinor);
    leftMinor -= taken;
    if (taken > 0) applied.push({ code: rule.code, title: rule.title, amountMinor: taken });
    else refused.push(refuse(rule.code, 'no_effect', `${rule.code} takes nothing off this cart.`));
  }
  return { applied, refused };
}

function refusalOf(rule: DiscountRule, question: DiscountQuestion): RefusedDiscount | undefined {
  const { currency, nowMs, subtotalMinor } = question;
  const { code } = rule;
  if (rule.startsAt && nowMs < Date.parse(rule.startsAt)) {
    return refuse(code, 'not_started', `${code} is valid from ${rule.startsAt}.`);
  }
  if (rule.endsAt && nowMs >= Date.parse(rule.endsAt)) {
    return refuse(code, 'expired', `${code} was valid until ${rule.endsAt}.`);
  }
  const minimum = rule.minSubtotals?.find((one) => one.currency === currency);
  const hasAmount = rule.value.kind === 'percentage' || rule.value.amounts.some((one) => one.currency === currency);
  if (!hasAmount || (rule.minSubtotals && !minimum)) {
    return refuse(code, 'currency_not_supported', `${code} cannot be used in ${currency}.`);
  }
  if (minimum && subtotalMinor < minimum.amount) {
    const needed = `${formatMinor(minimum.amount, currency)} ${currency}`;
    return refuse(code, 'minimum_not_met', `${code} needs a cart of at least ${needed}.`);
  }
  if (question.exhaustedCodes?.includes(code)) {
    return refuse(code, 'usage_limit_reached', `${code} has been used as often as it could be.`);
  }
  return undefined;
}

/** What the rule takes off when it is alone and nothing caps it. */
function fullAmount({ value }: DiscountRule, { currency, subtotalMinor }: DiscountQuestion): number {
  if (value.kind === 'percentage') return mulDivRound(subtotalMinor, value.basisPoints, 10_000);
  return value.amounts.find((one) => one.currency === currency)?.amount ?? 0;
}

/** Percentages first, so that a cap falls on fixed amounts; then by code. */
function canonicalOrder(a: Candidate, b: Candidate): number {
  if (a.rule.value.kind !== b.rule.value.kind) return a.rule.value.kind === 'percentage' ? -1 : 1;
  return a.rule.code < b.rule.code ? -1 : 1;
}

function bestAlternative(candidates: readonly Candidate[], subtotalMinor: number): readonly Candidate[] {
  const alone = candidates.filter((one) => !one.rule.combinable).map((one) => [one]);
  const worth = (some: readonly Candidate[]) =>
    Math.min(
      subtotalMinor,
      some.reduce((sum, one) => sum + one.amountMinor, 0),
    );
  let best: readonly Candidate[] = candidates.filter((one) => one.rule.combinable);
  for (const alternative of alone) {
    if (best.length === 0 || worth(alternative) > worth(best)) best = alternative;
  }
  return best;
}

const refuse = (code: string, reason: RefusalReason, text: string): RefusedDiscount => ({ code, reason, text });

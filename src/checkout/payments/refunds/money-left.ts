// What can still be given back of a payment, and what counts against it. Pure: whoever writes a refund reads both lists
// under the lock of the attempt.
import type { DisputeState } from '../payment-provider.js';
import type { RefundState } from './refunds.schema.js';

/** Everything that takes money of a payment from the shop. */
export interface MoneyTaken {
  readonly refunds: readonly { readonly state: RefundState; readonly amountMinor: number }[];
  readonly disputes: readonly { readonly state: DisputeState; readonly amountMinor: number }[];
}

/** In these the customer's bank has the money, for now or for good. */
const WITHHOLDING_DISPUTE_STATES: readonly DisputeState[] = ['open', 'lost'];

/** Whether a refund was made, or may still be: one that the provider refused does not count. */
export function countsAsGiven({ state }: { readonly state: RefundState }): boolean {
  return state !== 'refused';
}

/** What was given back, or will be. */
export function refundedMinor({ refunds }: Pick<MoneyTaken, 'refunds'>): number {
  return sum(refunds.filter(countsAsGiven));
}

/** What the customer's bank withholds. */
export function withheldMinor({ disputes }: Pick<MoneyTaken, 'disputes'>): number {
  return sum(disputes.filter(({ state }) => WITHHOLDING_DISPUTE_STATES.includes(state)));
}

/** What is left of the payment. A bank may also take what was given back already: the result is below zero then. */
export function moneyLeftMinor(paidMinor: number, taken: MoneyTaken): number {
  return paidMinor - refundedMinor(taken) - withheldMinor(taken);
}

const sum = (parts: readonly { readonly amountMinor: number }[]): number =>
  parts.reduce((total, { amountMinor }) => total + amountMinor, 0);

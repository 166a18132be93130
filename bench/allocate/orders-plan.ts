import type { BareOrdersOutcome, BareOrdersPlan } from '../checkout/bare-orders.process.ts';

/**
 * What is done: the application takes stock and writes the order, or does everything that placing the order of a paid
 * checkout takes; or one function call for each order writes the same rows.
 */
export interface OrdersPlan extends BareOrdersPlan {
  readonly work: 'allocate' | 'allocate by function' | 'place' | 'place by function';
}

export type OrdersOutcome = BareOrdersOutcome;

import type { BareOrdersOutcome, BareOrdersPlan } from '../checkout/bare-orders.process.ts';

/** What our side does: take stock and write the order, or all that placing the order of a paid checkout is. */
export interface OrdersPlan extends BareOrdersPlan {
  readonly work: 'allocate' | 'place';
}

export type OrdersOutcome = BareOrdersOutcome;

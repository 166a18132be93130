// The durable steps from a cart to a paid order, by the method that carries each out. A process can be made to end right
// before or right after any of them.

import type { Loose } from '../../support/shopper.ts';

/** A method of the application, whichever it is. */
export type Method = (this: Loose, ...args: Loose[]) => Promise<unknown>;

export interface CrashPoint {
  readonly module: string;
  readonly className: string;
  readonly method: string;
}

const point = (module: string, className: string, method: string): CrashPoint => ({ module, className, method });
const provider = 'checkout/payments/test-provider/test-provider.repository';

export const crashPoints = {
  'take the hold': point('inventory/inventory.service', 'InventoryService', 'reserve'),
  'keep the session': point('checkout/session/checkout-session.store', 'CheckoutSessionStore', 'create'),
  'extend the hold': point('inventory/inventory.service', 'InventoryService', 'extend'),
  'begin the attempt': point('checkout/placing/begin-attempt', 'BeginAttempt', 'begin'),
  'authorize at the provider': point(provider, 'TestProviderRepository', 'authorize'),
  'settle the attempt': point('checkout/placing/settle-attempt', 'SettleAttempt', 'settle'),
  'place the order': point('checkout/placing/place-batch', 'PlaceBatch', 'place'),
  'write the order, not committed': point('checkout/placing/write-orders', 'WriteOrders', 'inTransaction'),
  'end the attempt': point('checkout/placing/end-attempt', 'EndAttempt', 'end'),
  'void at the provider': point(provider, 'TestProviderRepository', 'void'),
  'capture at the provider': point(provider, 'TestProviderRepository', 'capture'),
  'remove the event': point('platform/outbox/outbox.repository', 'OutboxRepository', 'remove'),
} as const satisfies Record<string, CrashPoint>;

export type CrashPointName = keyof typeof crashPoints;
export const crashPointNames = Object.keys(crashPoints) as CrashPointName[];

/**
 * What happens at the point: an end without a word, a sleep of the process that looks like one to everybody else, or a
 * step that takes long while the process goes on with everything else.
 */
export type Crash = 'kill before' | 'kill after' | 'freeze before' | 'freeze after' | 'stall before' | 'stall after';

/** What happens to the stores meanwhile. */
export type Fault = 'none' | 'Redis killed' | 'Redis flushed' | 'PostgreSQL stopped';

/** What a process is told by its environment. */
export interface Ordered {
  readonly at: CrashPointName;
  readonly crash: Crash;
  /** At which call of the method. */
  readonly nth: number;
  /** How long a step that stalls takes. */
  readonly stallMs: number;
}

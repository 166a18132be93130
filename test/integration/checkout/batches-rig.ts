// Checkouts whose writes are made together with those of others.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import type { CheckoutSession } from '../../../src/checkout/session/checkout-session.js';
import { CheckoutSessionsRepository } from '../../../src/checkout/session/checkout-sessions.repository.js';
import { SessionWrites } from '../../../src/checkout/session/session-writes.repository.js';
import { eventually } from '../../support/eventually.js';
import { shop, useShop } from '../../support/shop-rig.js';
import { query } from '../../support/shop-state.js';

export let writes: SessionWrites;
export let sessions: CheckoutSessionsRepository;
/** Another client of the database, who gets in the way. */
export let other: pg.Client;

export function useBatches(): void {
  useShop({ ROLE: 'api' });
  beforeAll(() => {
    writes = shop.app.get(SessionWrites);
    sessions = shop.app.get(CheckoutSessionsRepository);
  });
  beforeEach(async () => {
    other = new pg.Client({ connectionString: shop.database.url });
    await other.connect();
  });
  afterEach(() => other.end());
}

export function newSession(changes: Partial<CheckoutSession> = {}): CheckoutSession {
  const amounts = { subtotalMinor: 100, discountMinor: 0, taxMinor: 0, totalMinor: 100 };
  return {
    id: randomUUID(),
    version: 1,
    state: 'reserved',
    cartId: randomUUID(),
    discountCodes: [],
    quote: {
      currency: 'USD',
      ruleSetVersion: 0,
      lines: [],
      discounts: [],
      refusedDiscounts: [],
      shippingMinor: 0,
      ...amounts,
    },
    holdExpiresAtMs: 1,
    ...changes,
  };
}

export async function stored(count: number): Promise<CheckoutSession[]> {
  const made = Array.from({ length: count }, () => newSession());
  await Promise.all(made.map((session) => writes.insert(session)));
  return made;
}

export const next = (session: CheckoutSession, email: string): CheckoutSession => ({
  ...session,
  version: session.version + 1,
  email,
});
export const statusesOf = async (work: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(work)).map(({ status }) => status);

/** Ends the connections of the shop that wait for a lock, once there are some. */
export const cutWaitingConnections = () =>
  eventually(async () => {
    const cut = await query(
      shop,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND application_name = 'tiershop' AND datname = current_database()`,
    );
    if (cut.length === 0) throw new Error('nobody waits yet');
  });

// What a placing transaction sends without waiting. A statement that came behind an `await` would take its locks out of order.
import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { open, shopper, useShop } from '../../support/shop-rig.js';
import type { Loose } from '../../support/shopper.js';

useShop({ ROLE: 'api' });

const query = pg.Client.prototype.query;
afterEach(() => {
  pg.Client.prototype.query = query;
});

interface Sent {
  readonly name: string;
  /** How many of all statements had been answered when this one was sent. */
  readonly answeredBefore: number;
}

/** What is sent from now on. */
function recorded(): readonly Sent[] {
  const all: Sent[] = [];
  let answered = 0;
  pg.Client.prototype.query = function record(this: Loose, config: Loose, ...more: Loose[]) {
    all.push({ name: config.name ?? String(config.text ?? config), answeredBefore: answered });
    const answer = (query as Loose).call(this, config, ...more);
    const count = () => {
      answered += 1;
    };
    void answer?.then?.(count, count);
    return answer;
  } as Loose;
  return all;
}

test('an order is placed by what is read and then what is written, each sent in its order before the first answer', async () => {
  // The first order makes the rule set known.
  expect((await shopper.complete((await open()).id)).status).toBe(201);
  const { id } = await open();
  const sent = recorded();
  expect((await shopper.complete(id)).status).toBe(201);
  const reads = ['catalog_offers_by_ids', 'discounts_active_version', 'orders_take_numbers'];
  const writes = [
    'payment_attempts_place',
    'orders_insert',
    'order_lines_insert',
    'outbox_append',
    'idempotency_answer',
    'checkout_sessions_conclude',
    'inventory_allocate',
  ];
  for (const names of [reads, writes]) {
    const from = sent.findLastIndex(({ name }) => name === names[0]);
    const together = sent.slice(from, from + names.length);
    expect(together.map(({ name }) => name)).toEqual(names);
    expect(new Set(together.map(({ answeredBefore }) => answeredBefore)).size).toBe(1);
  }
});

// What a placing transaction sends without waiting. A statement that came behind an `await` would take its locks out of order.
import { expect, test } from '@jest/globals';
import { PLACING_WRITES, statementsDuring } from '../../support/sent-statements.js';
import { open, shopper, useShop } from '../../support/shop-rig.js';

useShop({ ROLE: 'api' });

const complete = async (id: string) => expect((await shopper.complete(id)).status).toBe(201);

test('an order is placed by what is read and then what is written, each sent in its order before the first answer', async () => {
  // The first order makes the rule set known.
  await complete((await open()).id);
  const { id } = await open();
  const log = await statementsDuring(() => complete(id));
  const reads = ['catalog_offers_by_ids', 'discounts_active_version', 'orders_take_numbers'];
  for (const names of [reads, PLACING_WRITES]) {
    const from = log.lastIndexOf(names[0] ?? '');
    // No answer of anything stands between them.
    expect(log.slice(from, from + names.length)).toEqual(names);
  }
});

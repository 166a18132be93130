import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CacheModule } from '../../src/cache/cache.module.js';
import { DiscountsModule, DiscountsService, priceLines, type RuleSet } from '../../src/discounts/index.js';
import { ADVISORY_LOCKS } from '../../src/platform/database/advisory-locks.js';
import { Database } from '../../src/platform/database/database.js';
import { eventually } from '../support/eventually.js';
import { shop, useModules } from '../support/modules-rig.js';

let discounts: DiscountsService;
let db: Database;

useModules([CacheModule.forRoot(), DiscountsModule]);
beforeAll(async () => {
  discounts = shop.app.get(DiscountsService, { strict: false });
  db = shop.app.get(Database, { strict: false });
});

const PATH = '/v1/admin/discounts';
const percentage = (code: string, more: object = {}) => ({
  code,
  title: `${code} title`,
  value: { kind: 'percentage', basisPoints: 1_000 },
  ...more,
});

async function publish(...rules: object[]): Promise<number> {
  expect((await shop.admin.put(PATH, { discounts: rules })).status).toBe(200);
  const answer = await shop.admin.post<{ version: number }>(`${PATH}/publish`);
  expect(answer.status).toBe(201);
  return answer.body.version;
}

const use = (orderId: string, ruleSet: RuleSet, ...codes: string[]) =>
  db.transaction((tx) =>
    discounts.recordUsage(tx, [
      {
        orderId,
        ruleSetVersion: ruleSet.version,
        currency: 'USD',
        applied: codes.map((code) => ({ code, title: code, amountMinor: 100 })),
      },
    ]),
  );

const timesUsed = async (code: string) => {
  const { rows } = await db.pool.query('SELECT count(*)::int AS used FROM discount_usages WHERE code = $1', [code]);
  return rows[0].used as number;
};

describe('versions', () => {
  test('there is an active version before anything is published', async () => {
    expect(await discounts.active()).toEqual({ version: 0, discounts: [] });
  });

  test('a draft changes nothing until it is published; published versions stay and can be activated again', async () => {
    const before = await discounts.active();
    await shop.admin.put(PATH, { discounts: [percentage('one')] });
    expect(await discounts.active()).toEqual(before);

    const first = await publish(percentage('one'));
    expect((await discounts.active()).version).toBe(first);
    expect((await discounts.active()).discounts).toMatchObject([{ code: 'ONE', combinable: true }]);
    const second = await publish(percentage('two'));
    expect(second).toBe(first + 1);
    expect((await discounts.active()).discounts).toMatchObject([{ code: 'TWO' }]);

    const back = await shop.admin.post(`${PATH}/versions/${first}/activate`);
    expect(back).toMatchObject({ status: 200, body: { version: first } });
    expect((await discounts.active()).discounts).toMatchObject([{ code: 'ONE' }]);
    expect(await db.transaction((tx) => discounts.activeAtOrigin(tx))).toEqual(await discounts.active());
    expect((await shop.admin.get(PATH)).body).toMatchObject({ activeVersion: first, discounts: [{ code: 'TWO' }] });

    const all = await shop.admin.get<{ items: object[] }>(`${PATH}/versions`);
    expect(all.body.items.slice(0, 2)).toMatchObject([
      { version: second, discountCount: 1, active: false },
      { version: first, discountCount: 1, active: true },
    ]);
    const page = await shop.admin.get<{ items: object[]; nextCursor: string }>(`${PATH}/versions?limit=1`);
    const next = await shop.admin.get(`${PATH}/versions`, { query: { limit: 1, cursor: page.body.nextCursor } });
    expect(next.body).toMatchObject({ items: [{ version: first }] });
  });

  test('publishing at once gives each its own version', async () => {
    const base = await publish();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => shop.admin.post<{ version: number }>(`${PATH}/publish`)),
    );
    expect(answers.map((answer) => answer.body.version).sort((a, b) => a - b)).toEqual(
      [1, 2, 3, 4, 5].map((n) => base + n),
    );
    expect((await discounts.active()).version).toBe(base + 5);
  });

  test('a published version cannot be changed, not even with SQL', async () => {
    const version = await publish(percentage('kept'));
    for (const statement of ["UPDATE discount_rule_sets SET document = '{}'", 'DELETE FROM discount_rule_sets']) {
      await expect(db.pool.query(`${statement} WHERE version = ${version}`)).rejects.toThrow('cannot be changed');
    }
  });

  test('an edit based on an old draft is refused', async () => {
    const { body } = await shop.admin.get<{ revision: number }>(PATH);
    const edit = () => shop.admin.put(PATH, { discounts: [], revision: body.revision });
    expect(await edit()).toMatchObject({ status: 200, body: { revision: body.revision + 1 } });
    expect(await edit()).toMatchObject({ status: 409, body: { code: 'version_conflict' } });
  });
});

describe('bad input', () => {
  const good = percentage('GOOD');
  test.each<[string, object, string]>([
    ['no body', {}, 'discounts'],
    ['unknown field', { discounts: [], extra: 1 }, 'extra'],
    ['unknown field of a rule', { discounts: [{ ...good, extra: 1 }] }, 'discounts.0.extra'],
    ['code with a space', { discounts: [percentage('A B')] }, 'discounts.0.code'],
    ['code twice in other case', { discounts: [good, percentage('good')] }, 'discounts.1.code'],
    ['NUL in the title', { discounts: [{ ...good, title: 'a\0b' }] }, 'discounts.0.title'],
    ['half a surrogate pair', { discounts: [{ ...good, title: '\ud800' }] }, 'discounts.0.title'],
    [
      '101 %',
      { discounts: [{ ...good, value: { kind: 'percentage', basisPoints: 10_100 } }] },
      'discounts.0.value.basisPoints',
    ],
    [
      'half a basis point',
      { discounts: [{ ...good, value: { kind: 'percentage', basisPoints: 0.5 } }] },
      'discounts.0.value.basisPoints',
    ],
    ['other kind', { discounts: [{ ...good, value: { kind: 'gift' } }] }, 'discounts.0.value.kind'],
    [
      'negative amount',
      { discounts: [{ ...good, value: { kind: 'fixed', amounts: [{ amount: -1, currency: 'USD' }] } }] },
      'discounts.0.value.amounts.0.amount',
    ],
    [
      'unknown currency',
      { discounts: [{ ...good, minSubtotals: [{ amount: 1, currency: 'XQX' }] }] },
      'discounts.0.minSubtotals.0.currency',
    ],
    [
      'currency twice',
      { discounts: [{ ...good, minSubtotals: [1, 2].map((amount) => ({ amount, currency: 'USD' })) }] },
      'discounts.0.minSubtotals.1.currency',
    ],
    [
      'ends before it starts',
      { discounts: [{ ...good, startsAt: '2026-02-01T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }] },
      'discounts.0.endsAt',
    ],
    ['no date', { discounts: [{ ...good, startsAt: 'soon' }] }, 'discounts.0.startsAt'],
    ['limit 0', { discounts: [{ ...good, usageLimit: 0 }] }, 'discounts.0.usageLimit'],
    ['too many', { discounts: Array.from({ length: 1_001 }, (_, n) => percentage(`C${n}`)) }, 'discounts'],
  ])('%s', async (_name, body, field) => {
    const before = (await shop.admin.get(PATH)).body;
    const answer = await shop.admin.put<{ errors: { field: string }[] }>(PATH, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors.map((error) => error.field)).toContain(field);
    expect((await shop.admin.get(PATH)).body).toEqual(before);
  });

  test('versions', async () => {
    for (const version of ['x', '-1', '1.5', '99999999999']) {
      expect((await shop.admin.post(`${PATH}/versions/${version}/activate`)).status).toBe(400);
    }
    expect((await shop.admin.post(`${PATH}/versions/123456/activate`)).status).toBe(404);
    expect((await shop.admin.get(`${PATH}/versions?cursor=x`)).status).toBe(400);
    expect((await shop.http.get(PATH)).status).toBe(401);
  });
});

describe('usage limits', () => {
  let ruleSet: RuleSet;
  let code: string;
  beforeEach(async () => {
    code = `LIM-${randomUUID().slice(0, 8)}`.toUpperCase();
    await publish(percentage(code, { usageLimit: 3 }), percentage('FREE'), percentage('ALSO', { usageLimit: 1_000 }));
    ruleSet = await discounts.active();
  });

  test('30 orders at once use a code exactly as often as it may be used, in any order of codes', async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => {
        const codes = n % 2 ? [code, 'ALSO', 'FREE'] : ['FREE', 'ALSO', code];
        return use(randomUUID(), ruleSet, ...codes);
      }),
    );
    expect(results.filter((result) => result.kind === 'ok')).toHaveLength(3);
    expect(results.filter((result) => result.kind === 'exhausted')).toEqual(
      Array.from({ length: 27 }, () => ({ kind: 'exhausted', codes: [code] })),
    );
    expect(await timesUsed(code)).toBe(3);
    expect(await discounts.exhausted(ruleSet, [code.toLowerCase(), 'free'])).toEqual([code]);
    const priced = priceLines({
      currency: 'USD',
      lines: [{ variantId: 'v', quantity: 1, unitPriceMinor: 100, taxable: false, requiresShipping: false }],
      ruleSet,
      codes: [code, 'free'],
      nowMs: 0,
      shippingMinor: 0,
      tax: { rateBasisPoints: 0, inclusive: false },
      exhaustedCodes: await discounts.exhausted(ruleSet, [code, 'free']),
    });
    expect(priced).toMatchObject({ totalMinor: 90, refused: [{ code, reason: 'usage_limit_reached' }] });
  });

  test('an order uses a code, and a code begins to be counted, while an import runs and while migrations do', async () => {
    await publish(percentage('busy'));
    const ruleSet = await discounts.active();
    const other = await db.pool.connect();
    try {
      for (const lock of [ADVISORY_LOCKS.productImport, ADVISORY_LOCKS.migrations])
        await other.query('SELECT pg_advisory_lock($1)', [lock]);
      await use(randomUUID(), ruleSet, 'busy');
      await publish(percentage('busy', { usageLimit: 5 }));
      expect(await timesUsed('busy')).toBe(1);
    } finally {
      await other.query('SELECT pg_advisory_unlock_all()');
      other.release();
    }
  });

  test('counting an order again changes nothing, and a rolled back order is not counted', async () => {
    const orderId = randomUUID();
    for (let n = 0; n < 5; n++) expect(await use(orderId, ruleSet, code)).toEqual({ kind: 'ok' });
    expect(await timesUsed(code)).toBe(1);
    const failing = db.transaction(async (tx) => {
      await discounts.recordUsage(tx, [
        {
          orderId: randomUUID(),
          ruleSetVersion: ruleSet.version,
          currency: 'USD',
          applied: [{ code, title: code, amountMinor: 1 }],
        },
      ]);
      throw new Error('out of stock');
    });
    await expect(failing).rejects.toThrow('out of stock');
    expect(await use(randomUUID(), ruleSet, code)).toEqual({ kind: 'ok' });
    expect(await use(randomUUID(), ruleSet, code)).toEqual({ kind: 'ok' });
    expect(await use(randomUUID(), ruleSet, code)).toMatchObject({ kind: 'exhausted' });
  });

  test('uses are counted over all versions, those of orders being placed while the limit is published included', async () => {
    const late = `LATE-${code}`;
    await publish(percentage(late));
    const unlimited = await discounts.active();
    await use(randomUUID(), unlimited, late);
    let publishing: Promise<number> = Promise.resolve(0);
    await db.transaction(async (tx) => {
      const applied = [{ code: late, title: late, amountMinor: 1 }];
      await discounts.recordUsage(tx, [
        {
          orderId: randomUUID(),
          ruleSetVersion: unlimited.version,
          currency: 'USD',
          applied,
        },
      ]);
      let published = false;
      publishing = publish(percentage(late, { usageLimit: 3 })).finally(() => {
        published = true;
      });
      await eventually(async () => {
        const { rows } = await db.pool.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
        expect(published || rows.length > 0).toBe(true);
      });
    });
    await publishing;
    const limited = await discounts.active();
    // Placed under the version before: counted as well.
    await use(randomUUID(), unlimited, late);
    expect(await use(randomUUID(), limited, late)).toMatchObject({ kind: 'exhausted' });
    expect(await timesUsed(late)).toBe(3);
  });
});

import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { runJob } from '../support/run-job.js';
import { joinShop } from '../support/shop.js';
import { shop, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

let variant: StockedVariant;

useShop();
beforeAll(async () => {
  variant = (await stockProducts(shop, [{ handle: 'thing', onHand: 5 }]))[0]!;
});

interface Job {
  readonly name: string;
  readonly nextRun: string;
  readonly lastRun: { readonly outcome: string } | null;
}

describe('jobs', () => {
  test('each scheduled job can be run by hand, and its run is remembered', async () => {
    const { body } = await shop.admin.get<{ items: Job[] }>('/v1/admin/jobs');
    const names = body.items.map((job) => job.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['reconcile-stock', 'warm-products', 'retry-refunds']));
    for (const { name } of body.items) {
      expect(await runJob(shop, name)).toMatchObject({
        status: 200,
        body: { name, outcome: name === 'audit-cache' ? expect.stringMatching(/^(done|skipped)$/) : 'done' },
      });
    }
    const askedAtMs = Date.now();
    const after = await shop.admin.get<{ items: Job[] }>('/v1/admin/jobs');
    for (const job of after.body.items) {
      expect(job.lastRun?.outcome).not.toBe('failed');
      expect(Date.parse(job.nextRun)).toBeGreaterThan(askedAtMs);
    }
    expect((await shop.admin.post('/v1/admin/jobs/nothing/run')).status).toBe(404);
  });

  test('of many processes that are asked at once one runs a job', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => shop.admin.post('/v1/admin/jobs/warm-products/run')),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses).toContain(200);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    expect(statuses).toContain(409);
  });

  test('what is old and belongs to nobody is deleted, the rest stays', async () => {
    const old = await new Shopper(shop.http).cart([{ variantId: variant.variantId, quantity: 1 }]);
    const young = await new Shopper(shop.http).cart([{ variantId: variant.variantId, quantity: 1 }]);
    const ids = [old.body.id, young.body.id];
    const kept = () => query<{ id: string }>(shop, 'SELECT id FROM carts WHERE id = ANY($1)', [ids]);
    await eventually(async () => expect(await kept()).toHaveLength(2));
    await query(shop, "UPDATE carts SET updated_at = now() - interval '1 year' WHERE id = $1", [old.body.id]);
    await runJob(shop, 'purge-carts');
    expect(await kept()).toEqual([{ id: young.body.id }]);
  });
});

describe('the cache', () => {
  test('keys are not dropped for a list that is being warmed: they are refused until it has ended', async () => {
    const [running] = await query<{ id: string }>(
      shop,
      `INSERT INTO cache_warm_ups (id, category, source, plan, total)
       VALUES (gen_random_uuid(), 'product', 'list', '[]', 0) RETURNING id`,
    );
    const warm = () => shop.admin.post('/v1/admin/cache/warm', { category: 'product', keys: [variant.variantId] });
    expect(await warm()).toMatchObject({ status: 409, body: { code: 'job_running', jobId: running!.id } });
    await query(shop, "UPDATE cache_warm_ups SET state = 'done', finished_at = now() WHERE id = $1", [running!.id]);
    expect(await warm()).toMatchObject({ status: 202, body: { source: 'list', total: 1 } });
  });

  test('a product is warmed, seen in each tier, and made void', async () => {
    const started = await shop.admin.post<{ id: string }>('/v1/admin/cache/warm', { category: 'product', top: 10 });
    expect(started.status).toBe(202);
    await eventually(async () => {
      const { body } = await shop.admin.get(`/v1/admin/cache/warm/${started.body.id}`);
      expect(body).toMatchObject({ state: 'done', failed: 0 });
    });
    const product = await eventually(async () => {
      const answer = await shop.http.get<{ id: string }>('/v1/products/thing');
      expect(answer.headers.get('cache-status')).toMatch(/^tiershop; hit; ttl=\d+; detail=memory$/);
      return answer;
    });
    const entry = () =>
      shop.admin.get('/v1/admin/cache/entry', { query: { category: 'product', key: product.body.id } });
    expect((await entry()).body).toMatchObject({ memory: { state: 'present' }, redis: { state: 'present' } });
    const dropped = await shop.admin.post('/v1/admin/cache/invalidate', {
      category: 'product',
      keys: [product.body.id],
    });
    expect(dropped.body).toMatchObject({ memoryEntries: 1, redisEntries: 1, published: true });
    expect((await entry()).body).toMatchObject({ memory: { state: 'absent' }, redis: { state: 'absent' } });
    expect((await shop.http.get('/v1/products/thing')).headers.get('cache-status')).toContain('detail=origin');
  });

  test('a change made with plain SQL is seen', async () => {
    await shop.http.get('/v1/products/thing');
    await query(shop, "UPDATE products SET title = 'A new title' WHERE handle = 'thing'");
    await eventually(async () =>
      expect((await shop.http.get('/v1/products/thing')).body).toMatchObject({ title: 'A new title' }),
    );
  });

  test('hot reads answer 304 to who has it, count as requests, and carry a request id', async () => {
    const first = await shop.http.get('/v1/products/thing');
    const etag = first.headers.get('etag') ?? '';
    const again = await shop.http.get('/v1/products/thing', { headers: { 'if-none-match': `W/${etag}` } });
    expect([again.status, again.body]).toEqual([304, undefined]);
    expect(again.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const { body } = await shop.http.get<string>('/metrics');
    expect(body).toContain('route="/v1/products/:idOrHandle",status="304"');
    expect(body).toMatch(/cache_[a-z_]+\{.*category="product".*tier="memory"/);
  });

  test('the policy gives its reasons', async () => {
    expect((await shop.admin.get('/v1/admin/cache/policy')).body).toMatchObject({
      categories: { product: { reason: expect.any(String) } },
    });
  });
});

describe('events that could not be delivered', () => {
  const die = (event: string) =>
    query<{ id: string }>(
      shop,
      `INSERT INTO outbox (event, payload, dead, attempts, last_error) VALUES ($1, '{"tags": []}', true, 20, 'cache: away') RETURNING id`,
      [event],
    );

  test('are listed, delivered again, or given up', async () => {
    const [[first], [second]] = [await die('catalog.changed'), await die('catalog.changed')];
    const { body } = await shop.admin.get<Loose>('/v1/admin/dead-events?limit=1');
    expect(body.items).toMatchObject([{ id: first!.id, event: 'catalog.changed', lastError: 'cache: away' }]);
    const next = await shop.admin.get<Loose>(`/v1/admin/dead-events?cursor=${body.nextCursor}`);
    expect(next.body).toMatchObject({ items: [{ id: second!.id }], nextCursor: null });
    expect((await shop.admin.post(`/v1/admin/dead-events/${first!.id}/replay`)).status).toBe(204);
    expect((await shop.admin.delete(`/v1/admin/dead-events/${second!.id}`)).status).toBe(204);
    await eventually(async () => expect(await query(shop, 'SELECT id FROM outbox')).toEqual([]));
    expect((await shop.admin.post(`/v1/admin/dead-events/${first!.id}/replay`)).status).toBe(404);
    expect((await shop.http.get<Loose>('/metrics')).body).toContain('outbox_events{state="dead"} 0');
  });
});

describe('API keys', () => {
  test('open what their scopes say until they are revoked', async () => {
    const made = await shop.admin.post<Loose>('/v1/admin/api-keys', { name: 'report', scopes: ['orders:read'] });
    expect(made).toMatchObject({ status: 201, body: { name: 'report', scopes: ['orders:read'] } });
    const holder = shop.http.with({ authorization: `Bearer ${made.body.key}` });
    expect((await holder.get('/v1/admin/orders')).status).toBe(200);
    expect((await holder.get('/v1/admin/jobs')).status).toBe(403);
    const listed = await shop.admin.get<Loose>('/v1/admin/api-keys');
    expect(listed.body.items).toMatchObject([{ id: made.body.id, name: 'report' }]);
    expect(JSON.stringify(listed.body)).not.toContain(made.body.key);
    expect((await shop.admin.delete(`/v1/admin/api-keys/${made.body.id}`)).status).toBe(204);
    expect((await holder.get('/v1/admin/orders')).status).toBe(401);
    expect((await shop.admin.delete(`/v1/admin/api-keys/${made.body.id}`)).status).toBe(404);
  });

  test('the last one that makes keys stays, also when two revoke themselves at once, unless the settings have one', async () => {
    const process = await joinShop(shop, { TIERSHOP_ADMIN_KEY: '' });
    try {
      const make = async (...scopes: string[]) => {
        const { body } = await shop.admin.post<Loose>('/v1/admin/api-keys', { name: 'a key', scopes });
        const holder = process.http.with({ authorization: `Bearer ${body.key}` });
        return { holder, path: `/v1/admin/api-keys/${body.id}` };
      };
      const other = await make('orders:write', 'keys:read');
      const keys = [await make('*'), await make('keys:write')];
      const answers = await Promise.all(keys.map(({ holder, path }) => holder.delete(path)));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
      const last = keys[answers.findIndex(({ status }) => status === 409)]!;
      expect((await last.holder.delete(other.path)).status).toBe(204);
      expect(await last.holder.delete(last.path)).toMatchObject({
        status: 409,
        body: { code: 'last_api_key', detail: expect.stringContaining('keys:write') },
      });
      expect((await shop.admin.delete(last.path)).status).toBe(204);
    } finally {
      await process.close();
    }
  });
});

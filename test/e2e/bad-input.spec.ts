// Whatever is sent, the answer is a 4xx that names what is wrong, and nothing is written.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { shop, shopper, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import type { Answer, Loose } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly hasBody: boolean;
  readonly hasQuery: boolean;
}

let variant: StockedVariant;
let routes: Route[];
let rowsBefore: unknown;

useShop();
beforeAll(async () => {
  variant = (await stockProducts(shop, [{ handle: 'thing', onHand: 5 }]))[0]!;
  await query(shop, "INSERT INTO collections (id, handle, title) VALUES (gen_random_uuid(), 'things', 'Things')");
  routes = await documentedRoutes();
  rowsBefore = await countRows();
});

interface Operation {
  readonly requestBody?: unknown;
  readonly parameters?: readonly { readonly in: string }[];
}

async function documentedRoutes(): Promise<Route[]> {
  const { body } = await shop.http.get<{ paths: Record<string, Record<string, Operation>> }>('/openapi.json');
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      hasBody: operation.requestBody !== undefined,
      hasQuery: operation.parameters?.some((parameter) => parameter.in === 'query') ?? false,
    })),
  );
}

/** Rows of every table that a request could write to. */
async function countRows(): Promise<unknown> {
  const tables = await query<{ name: string }>(
    shop,
    `SELECT relname AS name FROM pg_stat_user_tables
     WHERE relname NOT IN ('outbox', 'schema_migrations', 'import_jobs', 'job_runs', 'cache_hot_keys', 'cache_warm_ups') ORDER BY relname`,
  );
  const counts = tables.map(({ name }) => `(SELECT count(*)::int FROM ${name}) AS ${name}`).join(', ');
  return (await query(shop, `SELECT ${counts}`))[0];
}

const fill = (path: string, value: string) => path.replaceAll(/\{[^}]+\}/g, encodeURIComponent(value));
const send = (route: Route, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  shop.admin.request(route.method, path, { body, headers: { 'idempotency-key': randomUUID(), ...headers } });

function expectRefusal(answer: Answer, what: string): void {
  const about = `${what}: ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 300)}`;
  if (answer.status < 400 || answer.status >= 500) throw new Error(`not a 4xx: ${about}`);
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json'))
    throw new Error(`no problem document: ${about}`);
  const { code, errors } = answer.body;
  if (code === 'validation_failed' && !(errors?.length > 0 && errors[0].field))
    throw new Error(`no field is named: ${about}`);
  if (/Invalid (input|option)|Too (small|big)|Unrecognized|expected|received/.test(JSON.stringify(errors ?? [])))
    throw new Error(`words of a framework: ${about}`);
}

test('the document lists the routes that this suite walks', () => {
  expect(routes.length).toBeGreaterThan(25);
});

test('ids that are none', async () => {
  for (const route of routes.filter(({ path }) => path.includes('{'))) {
    for (const id of [
      '../../etc/passwd',
      "' OR 1=1 --",
      '\u0000',
      '9'.repeat(250),
      '00000000-0000-0000-0000-00000000000g',
      '-1',
      '\u{1F600}',
    ]) {
      expectRefusal(
        await send(route, fill(route.path, id), route.hasBody ? {} : undefined),
        `${route.method} ${route.path} with ${id}`,
      );
    }
  }
});

test('bodies that are none of ours', async () => {
  const json = { 'content-type': 'application/json' };
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  for (const route of routes.filter(({ hasBody, path }) => hasBody && !path.includes('imports'))) {
    const path = fill(route.path, randomUUID());
    const cases: [string, unknown, Record<string, string>][] = [
      ['broken JSON', Buffer.from('{"a":'), json],
      ['nothing', undefined, json],
      ['an array', [], {}],
      ['a number', 7, {}],
      ['null', Buffer.from('null'), json],
      ['unknown fields only', { nobody: 'knows', __proto__: { x: 1 } }, {}],
      ['a prototype', Buffer.from('{"__proto__":{"admin":true},"constructor":{"prototype":{}}}'), json],
      ['a text', 'text', {}],
      ['a form', Buffer.from('a=1'), { 'content-type': 'application/x-www-form-urlencoded' }],
      ['deep nesting', Buffer.from(deep), json],
      ['more than allowed', Buffer.from(`{"a":"${'x'.repeat(300_000)}"}`), json],
      ['bytes', Buffer.from([0xff, 0xfe, 0x00]), json],
    ];
    for (const [name, body, headers] of cases) {
      expectRefusal(await send(route, path, body, headers), `${route.method} ${route.path} with ${name}`);
    }
  }
});

test('a body that is too large is told how large it may be', async () => {
  const { status, body } = await shop.http.post<Loose>('/v1/carts', { currency: 'x'.repeat(300_000) });
  expect([status, body.detail]).toEqual([413, 'The body may have at most 262144 bytes.']);
});

test('a body where none is taken', async () => {
  const bodiless = ['publish', 'activate', 'reconcile', 'cancel', 'mark-paid', '{resolution}', 'run', 'replay'];
  const changing = routes.filter(({ method }) => method !== 'GET' && method !== 'DELETE');
  const walked = changing.filter(({ hasBody, path }) => !hasBody || bodiless.includes(path.split('/').at(-1) ?? ''));
  expect(walked.length).toBeGreaterThan(bodiless.length);
  for (const route of walked) {
    const known = route.path
      .replace('{resolution}', 'retry')
      .replace('events/{id}', 'events/1')
      .replace(/\{(version|deliveryId)\}/, '1');
    const path = fill(known, randomUUID());
    const client = path.startsWith('/v1/admin/') ? shop.admin : shop.http;
    const answer = await client.request<Loose>(route.method, path, { body: { nobody: 'knows' } });
    expect([path, answer.status, answer.body.errors?.[0]?.field]).toEqual([path, 400, 'nobody']);
  }
});

test('names that every object has, in bodies and queries', async () => {
  const json = { 'content-type': 'application/json' };
  const line = `"variantId":"${variant.variantId}","quantity":1`;
  for (const [body, field] of [
    ['{"constructor":"x"}', 'constructor'],
    ['{"prototype":"x"}', 'prototype'],
    [`{"lines":[{${line},"constructor":{"name":"x"}}]}`, 'lines.0.constructor'],
  ] as const) {
    const answer = await shop.http.post('/v1/carts', Buffer.from(body), { headers: json });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, code: 'unknown_field' }] } });
  }
  const answer = await shop.http.post('/v1/carts', Buffer.from('{"__proto__":{"x":1}}'), { headers: json });
  expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_body' } });
  const latin = await shop.http.post('/v1/carts', Buffer.from('{"currency":"\xe9"}', 'latin1'), { headers: json });
  expect(latin).toMatchObject({ status: 400, body: { detail: expect.stringContaining('UTF-8') } });
  const packed = await shop.http.post('/v1/carts', {}, { headers: { ...json, 'content-encoding': 'gzip' } });
  expect(packed).toMatchObject({ status: 415, body: { detail: expect.stringContaining('Content-Encoding') } });
  for (const name of ['constructor', '__proto__']) {
    const { status, body } = await shop.http.get<Loose>(`/v1/products?${name}=1`);
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ field: name, code: 'unknown_field' })]]);
  }
});

test('a method that a path does not take: 405 with those that it takes', async () => {
  for (const path of new Set(routes.map((route) => route.path))) {
    const taken = routes.filter((route) => route.path === path).map(({ method }) => method);
    const allow = [...taken, ...(taken.includes('GET') ? ['HEAD'] : [])].sort().join(', ');
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((one) => !taken.includes(one))) {
      const answer = await shop.http.request<Loose>(method, fill(path, randomUUID()));
      expectRefusal(answer, `${method} ${path}`);
      const told = [method, path, answer.status, answer.body.code, answer.headers.get('allow')];
      expect(told).toEqual([method, path, 405, 'method_not_allowed', allow]);
    }
  }
});

test('a path with an escape that is none', async () => {
  const answer = await shop.http.get('/v1/products/%zz');
  expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_request' } });
});

test('to make everything of the cache void and something else with it', async () => {
  for (const also of [{ category: 'product' }, { tags: ['x'] }, { category: 'product', keys: ['x'] }]) {
    const answer = await shop.admin.post('/v1/admin/cache/invalidate', { all: true, ...also });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'all' }] } });
  }
});

test('files where none are taken, and an empty Idempotency-Key', async () => {
  const takesFiles = ({ path }: Route) => path === '/v1/admin/imports';
  for (const route of routes.filter((one) => one.method !== 'GET' && !takesFiles(one))) {
    const path = fill(route.path, randomUUID());
    for (const type of ['text/csv', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded']) {
      const answer = await send(route, path, Buffer.from('a,b'), { 'content-type': type });
      const told = [route.method, path, answer.status, answer.body.detail];
      expect(told).toEqual([route.method, path, 415, 'Send JSON, as application/json.']);
    }
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const file = await shop.admin.post('/v1/admin/imports', Buffer.from('a=b'), { headers: form });
  expect(file).toMatchObject({ status: 415, body: { detail: expect.stringContaining('text/csv') } });
  const cart = await shop.http.post('/v1/carts', {}, { headers: { 'idempotency-key': '' } });
  expect(cart).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } });
});

test('query parameters that are none', async () => {
  for (const route of routes.filter(({ method, hasQuery }) => method === 'GET' && hasQuery)) {
    const path = fill(route.path, randomUUID());
    for (const bad of [
      'nobody=knows',
      'limit=0',
      'limit=1000000',
      'limit=x',
      'cursor=%00',
      'cursor=e30',
      'limit=1&limit=2',
    ]) {
      expectRefusal(await send(route, `${path}?${bad}`), `${route.path}?${bad}`);
    }
  }
});

test('times and numbers that PostgreSQL does not know', async () => {
  const cursor = (...position: (string | number)[]) => Buffer.from(JSON.stringify(position)).toString('base64url');
  for (const path of [
    '/v1/admin/orders?placedFrom=0000-01-01T00:00:00Z',
    '/v1/admin/orders?placedBefore=9999-12-31T23:59:59-23:59',
    `/v1/admin/payments?cursor=${cursor('2026-99-99 00:00:00+00', randomUUID())}`,
    `/v1/admin/payments?cursor=${cursor('2026-01-01 00:00:00+99', randomUUID())}`,
    `/v1/admin/payments?cursor=${cursor('0000-01-01 00:00:00+00', randomUUID())}`,
    `/v1/products?sort=newest&cursor=${cursor('newest', '0000-01-01T00:00:00Z', randomUUID())}`,
    `/v1/products?sort=price&cursor=${cursor('price', 2 ** 60, randomUUID())}`,
    `/v1/collections/things/products?cursor=${cursor('position', 2 ** 40, randomUUID())}`,
  ]) {
    expectRefusal(await shop.admin.get(path), path);
  }
});

test('the words say what to send instead', async () => {
  const told = async (path: string, body?: unknown): Promise<string> =>
    (await send({ method: 'POST', path, hasBody: true, hasQuery: false }, path, body)).body.detail;
  const refund = await told(`/v1/admin/orders/${randomUUID()}/refunds`, { amount: 500 });
  expect(refund).toContain('like {"amount":500,"currency":"USD"}');
  const taken = { variantId: variant.variantId, delta: -6, reason: 'test' };
  expect(await told('/v1/admin/inventory/adjustments', taken)).toContain('only 5 are there');
  expect(await told('/v1/admin/jobs/no-job/run')).toContain('GET /v1/admin/jobs');
  expect(await told('/v1/admin/webhooks', { url: 'no address', events: ['order.placed'] })).toMatch(/https URL/);
  const unknown = { payment: { provider: 'test', token: 'tok_unknown' } };
  const headers = { 'idempotency-key': randomUUID() };
  const refused = await shop.http.post<Loose>(`/v1/checkouts/${randomUUID()}/complete`, unknown, { headers });
  expect(refused.body.detail).toContain('tok_declined');
});

describe('quantities, currencies, codes', () => {
  test.each([0, -1, 1.5, 10_001, 1e308, '1', null])('a quantity of %p', async (quantity) => {
    const answer = await shop.http.post('/v1/carts', { lines: [{ variantId: variant.variantId, quantity }] });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'validation_failed',
        errors: expect.arrayContaining([expect.objectContaining({ field: 'lines.0.quantity' })]),
      },
    });
  });

  test.each(['usd', 'XXQ', '', 'USDUSD', 5])('a currency of %p', async (currency) => {
    const answer = await shop.http.post('/v1/carts', { currency });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'currency' }] } });
  });

  test('a currency that the shop or the variant does not sell in names the field', async () => {
    for (const currency of ['CHF', 'JPY']) {
      const answer = await shopper.cart([{ variantId: variant.variantId, quantity: 1 }], currency);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    }
  });

  test('a variant that there is not, too many lines, an unknown payment provider and token', async () => {
    expect(await shopper.cart([{ variantId: randomUUID(), quantity: 1 }])).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'lines.0.variantId' }] },
    });
    const line = { variantId: variant.variantId, quantity: 1 };
    expect(await shopper.cart(Array.from({ length: 500 }, () => line))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'lines' }] },
    });
    for (const payment of [
      { provider: 'nobody', token: 'tok_ok' },
      { provider: 'test', token: 'tok_unknown' },
    ]) {
      const answer = await shop.http.post(
        `/v1/checkouts/${randomUUID()}/complete`,
        { payment },
        { headers: { 'idempotency-key': 'k' } },
      );
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: expect.stringMatching(/^payment\./) }] } });
    }
  });
});

test('administration without a key, with a wrong one, or with a token of another kind: 401', async () => {
  for (const route of routes.filter(({ path }) => path.startsWith('/v1/admin/'))) {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic YTpi' },
      { authorization: '' },
    ]) {
      const answer = await shop.http.request(route.method, fill(route.path, randomUUID()), {
        headers: headers as Record<string, string>,
        body: route.hasBody ? {} : undefined,
      });
      if (answer.status !== 401) throw new Error(`${route.method} ${route.path} answered ${answer.status}`);
    }
  }
});

test('nothing of all this was written', async () => {
  expect(await countRows()).toEqual(rowsBefore);
});

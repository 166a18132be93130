// Locations as administrators change them, over HTTP.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { app, shop, useStockAdministration } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const STOCK = '/v1/admin/inventory';
const LOCATIONS = '/v1/admin/locations';

// Nothing is delivered, so that what was written can be read.
useStockAdministration({ ROLE: 'api' });
beforeAll(() => app.admin.post(LOCATIONS, { code: 'north', name: 'North', rank: -10 }));

const { stocked } = stockTools(() => shop);

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared whole
  readonly body: any;
}

const post = (path: string, body: object): Promise<Answer> => app.admin.post(`${STOCK}/${path}`, body);

describe('locations', () => {
  const create = (body: object): Promise<Answer> => app.admin.post(LOCATIONS, body);
  const update = (location: string, body: object): Promise<Answer> =>
    app.admin.request('PATCH', `${LOCATIONS}/${location}`, { body });
  const remove = (location: string): Promise<Answer> => app.admin.request('DELETE', `${LOCATIONS}/${location}`, {});

  test('are made, ranked, renamed and deleted', async () => {
    const { status, body } = await create({ code: 'south', name: 'South', rank: 7 });
    expect({ status, body }).toEqual({
      status: 201,
      body: { id: expect.any(String), code: 'south', name: 'South', rank: 7, active: true },
    });
    expect(await create({ code: 'south', name: 'Another' })).toMatchObject({ status: 409 });
    expect(await update(body.id, { rank: -20 })).toMatchObject({ status: 200, body: { code: 'south', rank: -20 } });
    const { items } = (await app.admin.get<Answer['body']>(LOCATIONS)).body;
    expect(items.map(({ code }: { code: string }) => code)).toEqual(['south', 'north', 'main']);
    expect(await update('south', { code: 'north' })).toMatchObject({
      status: 409,
      body: { code: 'location_code_taken' },
    });
    expect(await remove('south')).toMatchObject({ status: 204 });
    expect(await remove('south')).toMatchObject({ status: 404 });
  });

  test('with stock stay active, with levels they are not deleted, and imports always have theirs', async () => {
    const variantId = await stocked(10);
    await create({ code: 'cellar', name: 'Cellar' });
    await post('adjustments', { variantId, location: 'cellar', delta: 2, reason: 'delivery' });
    expect(await update('cellar', { active: false })).toMatchObject({ status: 409, body: { code: 'location_in_use' } });
    await post('transfers', { variantId, from: 'cellar', to: 'main', quantity: 2, reason: 'moved' });
    expect(await update('cellar', { active: false })).toMatchObject({ status: 200, body: { active: false } });
    expect(await remove('cellar')).toMatchObject({ status: 409, body: { code: 'location_in_use' } });
    expect(await update('main', { active: false })).toMatchObject({ status: 409, body: { code: 'location_in_use' } });
    expect((await app.admin.get<Answer['body']>(`${LOCATIONS}/cellar`)).body).toMatchObject({ active: false });
  });

  test.each([
    ['a code with a space', { code: 'a b', name: 'N' }, 'code'],
    ['a code like an id', { code: randomUUID(), name: 'N' }, 'code'],
    ['no name', { code: 'n' }, 'name'],
    ['an absurd rank', { code: 'n', name: 'N', rank: 1e12 }, 'rank'],
    ['an unknown field', { code: 'n', name: 'N', city: 'X' }, 'city'],
  ])('refuses %s', async (_, body, field) => {
    expect(await create(body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  test('are for administrators', async () => {
    expect((await app.http.get(LOCATIONS)).status).toBe(401);
    expect((await app.http.post(LOCATIONS, { code: 'n', name: 'N' })).status).toBe(401);
  });
});

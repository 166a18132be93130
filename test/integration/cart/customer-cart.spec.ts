import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  add,
  type CartBody,
  carts,
  current,
  line,
  merge,
  newCart,
  newCustomer,
  other,
  quantities,
  read,
  shop,
  store,
  type TestCustomer,
  useCarts,
} from './cart-rig.js';

useCarts();

describe('a customer', () => {
  test('has a cart that others do not see', async () => {
    const [one, two] = [await newCustomer(), await newCustomer()];
    const mine = await newCart(one.http, line(0));
    expect(await current(one.http)).toEqual(mine);
    const path = `/v1/carts/${mine.id}`;
    for (const http of [shop.http, two.http]) {
      const lineId = mine.lines[0]?.lineId;
      const answers = await Promise.all([
        http.get(path),
        http.post(`${path}/lines`, line(1)),
        http.patch(`${path}/lines/${lineId}`, { quantity: 5 }),
        http.delete(`${path}/lines/${lineId}`),
        http.put(`${path}/discount-codes`, { codes: [] }),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404]);
    }
    const theirs = await current(two.http);
    expect((await merge(two.http, theirs.id, mine.id)).status).toBe(404);
    expect((await merge(two.http, mine.id, theirs.id)).status).toBe(404);
    expect((await merge(shop.http, mine.id, theirs.id)).status).toBe(401);
    expect((await two.login(mine.id)).body).toMatchObject({ cartMerged: false });
    expect(await read(one.http, mine.id)).toEqual(mine);
    expect(await current(two.http)).toEqual(theirs);
    const expired = shop.http.with({ authorization: 'Bearer no.such.token' });
    expect((await expired.get(path)).status).toBe(401);
    expect((await expired.post('/v1/carts', {})).status).toBe(401);
  });

  test('has one current cart, also when asked for ten times at once', async () => {
    const { http } = await newCustomer();
    const all = await Promise.all(Array.from({ length: 10 }, () => current(http)));
    expect(new Set(all.map((cart) => cart.id)).size).toBe(1);
    const chosen = await newCart(http, line(2));
    expect((await current(http)).id).toBe(chosen.id);
  });

  test('takes the guest cart along at login; a cart that cannot be taken does not stop the login', async () => {
    const customer = await newCustomer();
    const mine = await newCart(customer.http, line(0, 2));
    const guest = await newCart(shop.http, line(0, 3), line(1));
    expect(await customer.login(guest.id)).toMatchObject({ status: 200, body: { cartMerged: true } });
    expect(quantities(await current(customer.http))).toEqual({ 0: 5, 1: 1 });
    expect((await current(customer.http)).id).toBe(mine.id);
    expect(await customer.login(guest.id)).toMatchObject({ body: { cartMerged: true } });
    expect(await customer.login(mine.id)).toMatchObject({ body: { cartMerged: true } });
    expect(quantities(await current(customer.http))).toEqual({ 0: 5, 1: 1 });
    expect(await customer.login(randomUUID())).toMatchObject({ status: 200, body: { cartMerged: false } });
    expect((await shop.http.get(`/v1/carts/${guest.id}`)).status).toBe(404);
    expect((await add(shop.http, guest.id, line(3))).status).toBe(404);
  });
});

describe('merging', () => {
  let customer: TestCustomer;
  let target: CartBody;
  let source: CartBody;
  beforeEach(async () => {
    customer = await newCustomer();
    target = await newCart(customer.http, line(0, 1), line(1, 9_999));
    source = await newCart(shop.http, line(0, 2), line(1, 2), line(2, 3));
  });
  const merged = { 0: 3, 1: 10_000, 2: 3 };

  test('five times at once, through two processes, adds once', async () => {
    const theirs = other.http.with({ authorization: '' });
    expect((await merge(theirs, target.id, source.id)).status).toBe(401);
    const login = (await customer.login()).body as { accessToken: string };
    const elsewhere = other.http.with({ authorization: `Bearer ${login.accessToken}` });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => merge(n % 2 ? customer.http : elsewhere, target.id, source.id)),
    );
    expect(answers.map((answer) => [answer.status, quantities(answer.body)])).toEqual(answers.map(() => [200, merged]));
    expect(quantities(await read(customer.http, target.id))).toEqual(merged);
  });

  test('a crash at any write, before or after it took effect, neither loses nor doubles when it is repeated', async () => {
    for (const took of [false, true]) {
      for (let crashAt = 0, crashed = true; crashed; crashAt++) {
        expect(crashAt).toBeLessThan(10);
        const into = await newCart(customer.http, line(0, 1), line(1, 9_999));
        const from = await newCart(shop.http, line(0, 2), line(1, 2), line(2, 3));
        crashed = false;
        let writes = 0;
        const write = store.write.bind(store);
        const spy = jest.spyOn(store, 'write').mockImplementation(async (cart, next) => {
          if (writes++ !== crashAt) return write(cart, next);
          crashed = true;
          if (took) await write(cart, next);
          throw new Error('crash');
        });
        const answer = await merge(customer.http, into.id, from.id);
        spy.mockRestore();
        expect(answer.status).toBe(crashed ? 500 : 200);
        // Whoever comes first goes on with it: a reader of the source, or the client that tries again.
        if (crashAt % 2) await shop.http.get(`/v1/carts/${from.id}`);
        expect(quantities((await merge(customer.http, into.id, from.id)).body)).toEqual(merged);
        expect(quantities(await read(customer.http, into.id))).toEqual(merged);
      }
    }
  });

  test('what is put into the source meanwhile is either taken along or refused', async () => {
    const adding = Array.from({ length: 20 }, () => add(other.http, source.id, line(3)));
    const merging = merge(customer.http, target.id, source.id);
    const taken = (await Promise.all(adding)).filter((answer) => answer.status === 200).length;
    expect(quantities((await merging).body)).toEqual({ ...merged, ...(taken > 0 && { 3: taken }) });
    expect(quantities(await read(customer.http, target.id))).toEqual({ ...merged, ...(taken > 0 && { 3: taken }) });
  });

  test('a source that was sealed but not taken over is taken over when it is read', async () => {
    const sealed = await store.find(source.id);
    await store.write(sealed!, { ...sealed!, mergedInto: target.id });
    expect((await shop.http.get(`/v1/carts/${source.id}`)).status).toBe(404);
    expect(quantities(await read(customer.http, target.id))).toEqual(merged);
  });

  test('when the target was ordered in between, the lines go to the next cart', async () => {
    const sealed = await store.find(source.id);
    await store.write(sealed!, { ...sealed!, mergedInto: target.id });
    await carts.markOrdered(target.id, randomUUID());
    const answer = await merge(customer.http, target.id, source.id);
    expect(answer.status).toBe(200);
    expect(answer.body.id).not.toBe(target.id);
    expect(quantities(await current(customer.http))).toEqual({ 0: 2, 1: 2, 2: 3 });
    expect(quantities(await read(customer.http, target.id))).toEqual({ 0: 1, 1: 9_999 });
    expect((await merge(customer.http, target.id, source.id)).body.id).toBe(answer.body.id);
  });

  test('two carts of a customer into each other at once end as one', async () => {
    const second = await newCart(customer.http, line(5, 5));
    await Promise.all([merge(customer.http, target.id, second.id), merge(customer.http, second.id, target.id)]);
    await Promise.all([merge(customer.http, target.id, second.id), merge(customer.http, second.id, target.id)]);
    expect(quantities(await current(customer.http))).toEqual({ 0: 1, 1: 9_999, 5: 5 });
  });

  test('an ordered cart, itself, and one that is not there cannot be merged', async () => {
    const orderId = randomUUID();
    await carts.markOrdered(source.id, orderId);
    expect(await merge(customer.http, target.id, source.id)).toMatchObject({
      status: 409,
      body: { code: 'cart_ordered' },
    });
    expect((await merge(customer.http, target.id, target.id)).status).toBe(400);
    expect((await merge(customer.http, target.id, randomUUID())).status).toBe(404);
    expect((await merge(customer.http, source.id, target.id)).status).toBe(404);
    expect(quantities(await read(customer.http, target.id))).toEqual({ 0: 1, 1: 9_999 });
  });
});

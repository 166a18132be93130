import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { CacheModule } from '../../src/cache/cache.module.js';
import { CustomersModule, CustomersService } from '../../src/customers/index.js';
import { Database } from '../../src/platform/database/database.js';
import { redis, shop, useModules } from '../support/modules-rig.js';

const AUTH_SECRET = 'a secret of a test, long enough for HS256';

let db: Database;

useModules([CacheModule.forRoot(), CustomersModule], { AUTH_SECRET });
beforeAll(async () => {
  db = shop.app.get(Database, { strict: false });
});

interface Tokens {
  accessToken: string;
  refreshToken: string;
}
interface Login extends Tokens {
  customer: { id: string };
}

const PATH = '/v1/customers';
const password = 'correct horse';
let email: string;
beforeEach(() => {
  email = `${randomUUID()}@example.com`;
});

const register = (more: object = {}) => shop.http.post<{ id: string }>(PATH, { email, password, ...more });
const login = (more: object = {}) => shop.http.post<Login>(`${PATH}/login`, { email, password, ...more });
const refresh = (refreshToken: string) => shop.http.post<Tokens>(`${PATH}/refresh`, { refreshToken });
const as = (accessToken: string) => shop.http.with({ authorization: `Bearer ${accessToken}` });

async function loggedIn() {
  expect((await register()).status).toBe(201);
  const { body } = await login();
  return { ...body, http: as(body.accessToken) };
}

describe('accounts', () => {
  test('register, log in, read and rename', async () => {
    const registered = await register({ email: ` ${email.toUpperCase()} `, name: 'Ada' });
    expect(registered).toMatchObject({ status: 201, body: { email, name: 'Ada' } });
    expect(registered.headers.get('cache-control')).toBe('private, no-store');
    const answer = await login({ email: email.toUpperCase() });
    expect(answer).toMatchObject({
      status: 200,
      body: { tokenType: 'Bearer', expiresInS: 900, customer: { email }, cartMerged: null },
    });
    const http = as(answer.body.accessToken);
    expect((await http.get(`${PATH}/me`)).body).toEqual(registered.body);
    expect((await http.patch(`${PATH}/me`, { name: 'Ada L.' })).body).toMatchObject({ name: 'Ada L.' });
    expect((await http.patch(`${PATH}/me`, {})).body).toMatchObject({ name: 'Ada L.' });
    expect((await http.patch(`${PATH}/me`, { name: null })).body).toMatchObject({ name: null });
  });

  test('an address has one account, also when registered ten times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => register()));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    expect(answers.find((answer) => answer.status === 409)).toMatchObject({ body: { code: 'email_taken' } });
  });

  test('passwords are kept as argon2id with the stated cost', async () => {
    await register();
    const { rows } = await db.pool.query('SELECT password_hash FROM customers WHERE email = $1', [email]);
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('a flood of registrations is answered with 503, not with memory', async () => {
    const flood = (round: number) =>
      Promise.all(Array.from({ length: 120 }, (_, n) => register({ email: `flood${round}.${n}.${email}` })));
    let refused: Awaited<ReturnType<typeof flood>> = [];
    // On a busy machine a flood trickles in, no faster than passwords are hashed.
    for (let round = 0; round < 10 && refused.length === 0; round += 1) {
      refused = (await flood(round)).filter((answer) => answer.status !== 201);
    }
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('2');
    }
  });
});

describe('login', () => {
  test('a wrong password and an unknown address get the same answer', async () => {
    await register();
    const [wrong, unknown] = await Promise.all([login({ password: 'not the one' }), login({ email: `x${email}` })]);
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    const { requestId: _a, ...one } = wrong.body as object & { requestId?: string };
    const { requestId: _b, ...other } = unknown.body as object & { requestId?: string };
    expect(other).toEqual(one);
  });

  test('after ten failures an address is refused, with the right password as well; others are not', async () => {
    await register();
    const failures = await Promise.all(Array.from({ length: 15 }, () => login({ password: 'not the one' })));
    expect(failures.filter((answer) => answer.status === 401)).toHaveLength(10);
    const answer = await login();
    expect(answer).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    const retryAfter = answer.headers.get('retry-after');
    expect(Number(retryAfter)).toBeGreaterThan(800);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(`in ${retryAfter} seconds`) });
    email = `x${email}`;
    await register();
    expect((await login()).status).toBe(200);
  });

  test('a success forgets the failures before it', async () => {
    await register();
    for (let round = 0; round < 2; round++) {
      await Promise.all(Array.from({ length: 9 }, () => login({ password: 'not the one' })));
      expect((await login()).status).toBe(200);
    }
  });

  test('a hook gets the cart; one that fails does not fail the login', async () => {
    await register();
    const service = shop.app.get(CustomersService, { strict: false });
    const seen: unknown[] = [];
    let fails = false;
    service.onLogin(async (given) => {
      seen.push(given);
      if (fails) throw new Error('no such cart');
    });
    const cartId = randomUUID();
    const { body } = await login({ cartId });
    expect(body).toMatchObject({ cartMerged: true });
    expect(seen).toEqual([{ cartId, customerId: body.customer.id }]);
    fails = true;
    expect(await login({ cartId })).toMatchObject({ status: 200, body: { cartMerged: false } });
  });
});

describe('sessions', () => {
  test('a refresh token is used once; using it again ends the session', async () => {
    const first = await loggedIn();
    const second = (await refresh(first.refreshToken)).body;
    expect((await as(second.accessToken).get(`${PATH}/me`)).status).toBe(200);
    const third = (await refresh(second.refreshToken)).body;
    const other = (await login()).body;
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect((await refresh(third.refreshToken)).status).toBe(401);
    expect((await refresh(other.refreshToken)).status).toBe(200);
  });

  test('of ten uses at once one wins at most', async () => {
    const { refreshToken } = await loggedIn();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));
    const won = answers.filter((answer) => answer.status === 200);
    expect(won).toHaveLength(1);
    expect((await refresh(won[0]!.body.refreshToken)).status).toBe(401);
  });

  test('logout ends the session, whichever of its tokens is sent, and always answers the same', async () => {
    const { refreshToken } = await loggedIn();
    const next = (await refresh(refreshToken)).body;
    for (const token of [refreshToken, next.refreshToken, 'whatever']) {
      expect(await shop.http.post(`${PATH}/logout`, { refreshToken: token })).toMatchObject({ status: 204 });
    }
    expect((await refresh(next.refreshToken)).status).toBe(401);
  });

  test('tokens that expired are not taken; tokens are kept as hashes', async () => {
    const { refreshToken } = await loggedIn();
    const [id, secret] = refreshToken.split('.');
    const { rows } = await db.pool.query('SELECT token_hash FROM customer_sessions WHERE id = $1', [id]);
    expect(rows[0].token_hash).toEqual(createHash('sha256').update(Buffer.from(secret!, 'base64url')).digest());
    await db.pool.query("UPDATE customer_sessions SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test('a customer has a bounded number of sessions: the oldest ends', async () => {
    const { refreshToken } = await loggedIn();
    for (let n = 0; n < 20; n++) await login();
    const { rows } = await db.pool.query(
      'SELECT count(*)::int AS n FROM customer_sessions s JOIN customers c ON c.id = customer_id WHERE email = $1',
      [email],
    );
    expect(rows[0].n).toBe(20);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test.each<[string, { change?: (jwt: SignJWT) => SignJWT; secret?: string; alg?: string }]>([
    ['expired', { change: (jwt) => jwt.setExpirationTime('-1 second') }],
    ['other audience', { change: (jwt) => jwt.setAudience('elsewhere') }],
    ['other issuer', { change: (jwt) => jwt.setIssuer('elsewhere') }],
    ['other secret', { secret: `${AUTH_SECRET}.` }],
    ['other algorithm', { alg: 'HS512' }],
  ])('access token: %s', async (_name, { change = (jwt) => jwt, secret = AUTH_SECRET, alg = 'HS256' }) => {
    const { body: customer } = await register();
    const sign = (signedWith: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: signedWith })
        .setSubject(customer.id)
        .setIssuer('tiershop')
        .setAudience('tiershop:customer')
        .setIssuedAt()
        .setExpirationTime('1 minute');
    const me = async (jwt: SignJWT, key: string) => as(await jwt.sign(new TextEncoder().encode(key))).get(`${PATH}/me`);
    expect((await me(sign('HS256'), AUTH_SECRET)).status).toBe(200);
    expect(await me(change(sign(alg)), secret)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  test('no token, no bearer, no JWT', async () => {
    expect((await shop.http.get(`${PATH}/me`)).status).toBe(401);
    for (const authorization of ['Basic YTpi', 'Bearer x', 'Bearer a.b.c', 'Bearer ']) {
      const answer = await shop.http.with({ authorization }).get(`${PATH}/me`);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });
});

describe('bad input', () => {
  const ok = { email: 'a@example.com', password };
  test.each<[string, string, unknown, string]>([
    ['register: no e-mail', '', { password }, 'email'],
    ['register: no address', '', { ...ok, email: 'a@b' }, 'email'],
    ['register: an address as an object', '', { ...ok, email: { $gt: '' } }, 'email'],
    ['register: a long address', '', { ...ok, email: `${'a'.repeat(300)}@example.com` }, 'email'],
    ['register: a short password', '', { ...ok, password: '1234567' }, 'password'],
    ['register: a long password', '', { ...ok, password: 'x'.repeat(201) }, 'password'],
    ['register: NUL in the name', '', { ...ok, name: 'a\0' }, 'name'],
    ['register: an empty name', '', { ...ok, name: '' }, 'name'],
    ['register: unknown field', '', { ...ok, admin: true }, 'admin'],
    ['login: no password', '/login', { email: ok.email }, 'password'],
    ['login: no cart id', '/login', { ...ok, cartId: '1' }, 'cartId'],
    ['login: unknown field', '/login', { ...ok, x: 1 }, 'x'],
    ['refresh: nothing', '/refresh', {}, 'refreshToken'],
    ['refresh: a number', '/refresh', { refreshToken: 1 }, 'refreshToken'],
    ['refresh: too long', '/refresh', { refreshToken: 'x'.repeat(201) }, 'refreshToken'],
    ['logout: nothing', '/logout', {}, 'refreshToken'],
  ])('%s', async (_name, path, body, field) => {
    const answer = await shop.http.post<{ errors: { field: string }[] }>(PATH + path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors.map((error) => error.field)).toEqual([field]);
  });

  test('me', async () => {
    const { http } = await loggedIn();
    for (const body of [{ name: 1 }, { email: 'b@example.com' }, { name: 'x'.repeat(121) }, { name: 'a\nb' }]) {
      expect((await http.patch(`${PATH}/me`, body)).status).toBe(400);
    }
  });
});

describe('the session layer is down', () => {
  test('customers can log in', async () => {
    await register();
    await redis.session.stop();
    try {
      expect((await login()).status).toBe(200);
      expect((await login({ password: 'not the one' })).status).toBe(401);
    } finally {
      await redis.session.start();
    }
  });
});

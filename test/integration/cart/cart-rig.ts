import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { CacheModule } from '../../../src/cache/cache.module.js';
import { WriteBehind } from '../../../src/cache/index.js';
import { CartStore } from '../../../src/cart/documents/cart.store.js';
import { CartModule, CartService } from '../../../src/cart/index.js';
import { InventoryModule } from '../../../src/inventory/index.js';
import { Database } from '../../../src/platform/database/database.js';
import { eventually } from '../../support/eventually.js';
import type { HttpClient, HttpRequest } from '../../support/http-client.js';
import { type ModuleApp, startModules } from '../../support/module-app.js';
import { startRedisLayers, type TestRedisLayers } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

export interface Line {
  lineId: string;
  variantId: string;
  quantity: number;
  state: string;
}
export interface CartBody {
  id: string;
  version: number;
  lines: Line[];
  discounts: unknown[];
  refusedDiscounts: { code: string; reason: string }[];
  totals: Record<'subtotal' | 'discount' | 'tax' | 'total', { amount: number; currency: string }>;
}

export let database: TestDatabase;
export let redis: TestRedisLayers;
export let shop: ModuleApp;
export let other: ModuleApp;
export let db: Database;
export let carts: CartService;
export let store: CartStore;
/** Sold in dollars and euros; the first costs 10.00, the second 11.00 and so on. */
export let variants: string[];
export let dollarsOnly: string;
export let withoutPrice: string;
export let draft: string;

/** Two processes of a shop with carts, and goods. */
export function useCarts(): void {
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedisLayers()]);
    const modules = [CacheModule.forRoot(), InventoryModule, CartModule];
    const env = { AUTH_SECRET: 'the same secret in both processes of this test', TAX_RATE_BASIS_POINTS: '1000' };
    shop = await startModules(modules, { database, redis }, env);
    other = await startModules(modules, { database, redis }, env);
    db = shop.app.get(Database);
    carts = shop.app.get(CartService, { strict: false });
    store = shop.app.get(CartStore, { strict: false });
    variants = [];
    for (let n = 0; n < 12; n++) variants.push(await sell(1_000 + 100 * n, 900 + 100 * n));
    dollarsOnly = await sell(500);
    withoutPrice = await sell();
    draft = await sell(500, 500, 'draft');
  });

  afterAll(async () => {
    await Promise.all([shop?.close(), other?.close()]);
    await Promise.all([redis?.remove(), database?.drop()]);
  });
}

export async function sell(dollars?: number, euros?: number, status = 'published'): Promise<string> {
  const [product, variant] = [randomUUID(), randomUUID()];
  await db.pool.query("INSERT INTO products (id, handle, title, status, search) VALUES ($1, $2, 'Shirt', $3, '')", [
    product,
    product,
    status,
  ]);
  await db.pool.query(
    "INSERT INTO variants (id, product_id, position, title, sku, option_values) VALUES ($1, $2, 1, 'M', $3, '{M}')",
    [variant, product, `SKU-${variant}`],
  );
  for (const [currency, amount] of Object.entries({ USD: dollars, EUR: euros })) {
    if (amount !== undefined) {
      await db.pool.query('INSERT INTO variant_prices (variant_id, currency, amount_minor) VALUES ($1, $2, $3)', [
        variant,
        currency,
        amount,
      ]);
    }
  }
  return variant;
}

export const variant = (n: number): string => variants[n] as string;
export const line = (n: number, quantity = 1) => ({ variantId: variant(n), quantity });
export const quantities = (cart: { lines: readonly Omit<Line, 'state'>[] }) =>
  Object.fromEntries(cart.lines.map((one) => [variants.indexOf(one.variantId), one.quantity]));

export async function newCart(http: HttpClient, ...lines: object[]): Promise<CartBody> {
  const answer = await http.post<CartBody>('/v1/carts', { lines });
  expect(answer.status).toBe(201);
  return answer.body;
}

export const read = async (http: HttpClient, id: string) => (await http.get<CartBody>(`/v1/carts/${id}`)).body;
export const add = (http: HttpClient, id: string, body: unknown, request?: HttpRequest) =>
  http.post<CartBody>(`/v1/carts/${id}/lines`, body, request);
export const merge = (http: HttpClient, into: string, fromCartId: string) =>
  http.post<CartBody>(`/v1/carts/${into}/merge`, { fromCartId });
export const current = async (http: HttpClient) => (await http.get<CartBody>('/v1/customers/me/cart')).body;

export interface TestCustomer {
  http: HttpClient;
  id: string;
  login(cartId?: string): Promise<{ status: number; body: unknown }>;
}

export async function newCustomer(): Promise<TestCustomer> {
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse' };
  const { body } = await shop.http.post<{ id: string }>('/v1/customers', account);
  const login = (cartId?: string) =>
    shop.http.post<{ accessToken: string }>('/v1/customers/login', { ...account, ...(cartId && { cartId }) });
  const http = shop.http.with({ authorization: `Bearer ${(await login()).body.accessToken}` });
  return { http, id: body.id, login };
}

/** Waits until PostgreSQL has everything; the other process may be folding a part of it. */
export const flushWrites = () =>
  eventually(async () => expect(await shop.app.get(WriteBehind, { strict: false }).flush()).toBe(0));

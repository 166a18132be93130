import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { startCatalog, type TestCatalog } from '../../support/catalog.js';
import { eventually } from '../../support/eventually.js';
import type { HttpAnswer } from '../../support/http-client.js';

export let shop: TestCatalog;

/** A catalogue, emptied before each test. */
export function useCatalog(): void {
  beforeAll(async () => {
    shop = await startCatalog();
  });
  beforeEach(() => shop.empty());
  afterAll(() => shop?.close());
}

export interface Page {
  items: { id: string; handle: string; title: string; [more: string]: unknown }[];
  nextCursor: string | null;
}
export interface Problem {
  code: string;
  errors?: { field: string; code: string }[];
}

export const HEADER =
  'Handle,Title,Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,Price (EUR),Variant Inventory Qty,Collection,Published,Image Src\n';
/** A small shop: prices, words and collections that the tests below know. */
export const CATALOG = `${HEADER}${[
  'linen-shirt,Linen Shirt,Loom,Clothing,"summer, linen",Size,S,LS-S,40,36,3,Clothes,true,https://x.example/1.jpg',
  'linen-shirt,,,,,,M,LS-M,44,40,3,,,https://x.example/2.jpg',
  'wool-scarf,Wool Scarf,Loom,Clothing,winter,,,WS,25,,3,Clothes,true,',
  'clay-mug,Clay Mug,Kiln,Kitchen,gift,,,CM,12,10,3,Table,true,',
  'linen-towel,Linen Towel,Loom,Kitchen,"linen, gift",,,LT,15,13,3,Table,true,',
  'old-lamp,Old Lamp,Kiln,Home,,,,OL,,,3,,true,',
  'draft,Draft of a Mug,Kiln,Kitchen,gift,,,DM,5,5,3,Table,false,',
].join('\n')}\n`;

export const get = <Body>(path: string, headers: Record<string, string> = {}) => shop.http.get<Body>(path, { headers });
export const handles = async (query: string) => {
  const { status, body } = await get<Page>(`/v1/products?${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body.items.map((item) => item.handle);
};
export const tierOf = (answer: HttpAnswer<unknown>) =>
  /detail=(\w+)/.exec(answer.headers.get('cache-status') ?? '')?.[1];
/** Soon at the latest: a process that stood still for longer than the stale bound believes its memory when it has caught up. */
export const fromMemory = (path: string) =>
  eventually(async () => {
    const answer = await get<{ id: string }>(path);
    expect(tierOf(answer)).toBe('memory');
    return answer;
  });
export const idOf = async (handle: string): Promise<string> =>
  (await shop.sql.query('SELECT id FROM products WHERE handle = $1', [handle])).rows[0]?.id;
export const change = async (text: string, values: unknown[] = []) => {
  await shop.sql.query(text, values);
  await shop.deliver();
};

import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { type ImportJobBody, startCatalog, type TestCatalog } from '../../support/catalog.js';

export const LIMIT_BYTES = 9_000_000;
export const data = process.env.TIERSHOP_DATA_DIR_SHARED ?? resolve(import.meta.dirname, '../../../../shared/data');

export let shop: TestCatalog;

/** A catalogue, emptied before each test. */
export function useCatalog(): void {
  beforeAll(async () => {
    shop = await startCatalog({ IMPORT_LIMIT_BYTES: String(LIMIT_BYTES) });
  });
  beforeEach(() => shop.empty());
  afterAll(() => shop?.close());
}

export interface Variant {
  id: string;
  sku: string | null;
  title: string;
  options: { name: string; value: string }[];
  price: { amount: number; currency: string } | null;
  prices: Record<string, unknown>;
  [more: string]: unknown;
}
export interface Product {
  handle: string;
  version: number;
  options: { name: string; values: string[] }[];
  variants: Variant[];
  images: { url: string; alt: string | null }[];
  collections: { handle: string }[];
  [more: string]: unknown;
}

export const product = async (handle: string) => (await shop.http.get<Product>(`/v1/products/${handle}`)).body;
export const codes = (job: ImportJobBody) => job.report.problems.map(({ line, code }) => `${line} ${code}`);
export const levels = async () => {
  const { rows } = await shop.sql.query(
    `SELECT p.handle, v.title, l.on_hand, l.policy, l.tracked FROM inventory_levels l
     JOIN variants v ON v.id = l.variant_id JOIN products p ON p.id = v.product_id ORDER BY p.handle, v.position`,
  );
  return rows.map((row) => [row.handle, row.title, row.on_hand, row.policy, row.tracked]);
};

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { adminKey } from './application.ts';

const cliFile = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const mostCsvBytes = 512 * 1024 ** 2;
const pollMs = 100;
const pageSize = 100;

/** A product as lists show it. */
export interface ListedProduct {
  readonly id: string;
  readonly handle: string;
}

/** Imports a made-up catalogue, the same at each call, as an administrator would. A few of the products are drafts. */
export async function importCatalog(url: string, products: number): Promise<void> {
  const arguments_ = [cliFile, 'generate', '--products', String(products), '--seed', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, { maxBuffer: mostCsvBytes });
  await importCsv(url, stdout);
}

/** Imports a CSV text as an administrator would, and waits until it is done. */
export async function importCsv(url: string, csv: string): Promise<void> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const started = await fetch(`${url}/v1/admin/imports`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/csv' },
    body: csv,
  });
  let job = await jsonOf<{ id: string; state: string; error: string | null }>(started);
  while (job.state === 'running') {
    await sleep(pollMs);
    job = await jsonOf(await fetch(`${url}/v1/admin/imports/${job.id}`, { headers }));
  }
  if (job.state !== 'done') throw new Error(`The catalogue could not be imported: ${job.error}`);
}

/** All products that the shop shows. */
export async function listProducts(url: string): Promise<ListedProduct[]> {
  const products: ListedProduct[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const answer = await fetch(`${url}/v1/products?limit=${pageSize}${after}`);
    const page: { items: ListedProduct[]; nextCursor: string | null } = await jsonOf(answer);
    products.push(...page.items);
    cursor = page.nextCursor;
  }
  return products;
}

async function jsonOf<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

// What the bare servers behind stores read: the bytes that the application sends for each product, under its id.
import { Redis } from 'ioredis';
import pg from 'pg';
import type { ListedProduct } from '../harness/sample-catalog.ts';
import { fetchAnswer } from './answer.ts';

export const bareKeyPrefix = 'bare:';
export const bareQuery = 'SELECT document FROM documents WHERE id = $1';

const batchSize = 32;

/** Where the documents are put. */
export interface DocumentStores {
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

/** Reads every product once from the application, which fills its redis tier, and puts the bytes where bare servers look. */
export async function storeDocuments(
  url: string,
  products: readonly ListedProduct[],
  stores: DocumentStores,
): Promise<void> {
  const redis = new Redis(stores.redisUrl);
  const database = new pg.Client(stores.databaseUrl);
  await database.connect();
  try {
    await database.query('CREATE TABLE documents (id uuid PRIMARY KEY, document text NOT NULL)');
    for (let start = 0; start < products.length; start += batchSize) {
      const ids = products.slice(start, start + batchSize).map(({ id }) => id);
      const answers = await Promise.all(ids.map((id) => fetchAnswer(`${url}/v1/products/${id}`)));
      const bodies = answers.map(({ body }) => body);
      await redis.mset(new Map(ids.map((id, index) => [`${bareKeyPrefix}${id}`, bodies[index] ?? ''])));
      const texts = bodies.map((body) => body.toString('utf8'));
      await database.query('INSERT INTO documents SELECT * FROM unnest($1::uuid[], $2::text[])', [ids, texts]);
    }
    await database.query('VACUUM ANALYZE documents');
  } finally {
    redis.disconnect();
    await database.end();
  }
}

import { Redis } from 'ioredis';
import { keyspace } from '../../src/platform/keyspace.ts';
import type { ListedProduct } from '../harness/sample-catalog.ts';
import { fetchAnswer } from './answer.ts';
import { bareKeyPrefix, bareQuery, type DocumentStores } from './documents.ts';
import type { Line } from './line.ts';
import { answerFrom, productPath, productRoute } from './product-route.ts';

const evictionBatch = 500;

/** Reads of many products in turn, by an application that keeps none in memory and has all of them in its redis tier. */
export async function storeLines(
  url: string,
  products: readonly ListedProduct[],
  stores: DocumentStores,
): Promise<Line[]> {
  const ids = products.map(({ id }) => id);
  const paths = ids.map(productPath);
  const [first = '', second = ''] = ids;
  const { headers: redisHeaders } = await fetchAnswer(url + productPath(first));
  await evict(stores.redisUrl, [second]);
  const { headers: originHeaders } = await fetchAnswer(url + productPath(second));
  return [
    {
      name: 'product from redis',
      reference: 'bare Fastify route with one GET',
      paths,
      order: 'cycle',
      expected: answerFrom('redis'),
      bare: {
        route: productRoute,
        status: 200,
        headers: redisHeaders,
        source: { kind: 'redis', url: stores.redisUrl, keyPrefix: bareKeyPrefix },
      },
    },
    {
      name: 'product from origin',
      reference: 'bare Fastify route with one prepared query by id',
      paths,
      order: 'once',
      expected: answerFrom('origin'),
      beforeRound: () => evict(stores.redisUrl, ids),
      bare: {
        route: productRoute,
        status: 200,
        headers: originHeaders,
        source: { kind: 'postgres', url: stores.databaseUrl, query: bareQuery },
      },
    },
  ];
}

/** Takes products out of the redis tier, as Redis itself does when its memory is full. */
async function evict(redisUrl: string, ids: readonly string[]): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for (let start = 0; start < ids.length; start += evictionBatch) {
      const batch = ids.slice(start, start + evictionBatch);
      await redis.unlink(batch.map((id) => keyspace.application.entry('product', id)));
    }
  } finally {
    redis.disconnect();
  }
}

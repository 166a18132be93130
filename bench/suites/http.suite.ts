// Reads over HTTP, each from the tier in its name, which is checked in every answer. Beside each stands the least that sends
// the same: a Fastify route with the same status, headers and bytes, and for a store behind it one call to that store.
import { type ApplicationOptions, createDatabase, startApplication } from '../harness/application.ts';
import type { Child } from '../harness/child.ts';
import type { Result } from '../harness/result.ts';
import { importCatalog, type ListedProduct, listProducts } from '../harness/sample-catalog.ts';
import { startPostgres, startRedisLayers } from '../harness/stores.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { storeDocuments } from '../http/documents.ts';
import { type Line, measureLine } from '../http/line.ts';
import { memoryLines } from '../http/memory-lines.ts';
import { storeLines } from '../http/store-lines.ts';
import { startLoadProcess } from '../load/load-process.ts';

/** Enough for a round of reads from the origin, each of another product. */
const productCount = 3_000;
const noMemory = import.meta.resolve('../http/no-memory.preload.ts');

export async function httpSuite(context: SuiteContext): Promise<Result[]> {
  const { cleanup, guard, processors, say } = context;
  say('starting PostgreSQL, Redis and the application');
  const [postgres, redis] = await Promise.all([startPostgres(cleanup), startRedisLayers(cleanup)]);
  const load = await startLoadProcess(guard, processors.load);
  cleanup.defer(() => load.stop());
  const databaseUrl = await createDatabase(postgres, 'shop');
  const start = async (options: Pick<ApplicationOptions, 'preload'>) => {
    const application = await startApplication(
      { databaseUrl, redis, processor: processors.measured, ...options },
      guard,
    );
    cleanup.defer(() => application.stop());
    return application;
  };
  const results: Result[] = [];
  const measure = async (application: Child, lines: readonly Line[]) => {
    for (const line of lines) results.push(...(await measureLine(line, application, load, context)));
    await application.stop();
  };

  const application = await start({});
  say(`importing ${productCount} products`);
  await importCatalog(application.url, productCount);
  const products = await listProducts(application.url);
  await measure(application, await memoryLines(application.url, middleOf(products)));

  const forgetful = await start({ preload: noMemory });
  const stores = { redisUrl: redis.application.url, databaseUrl: await createDatabase(postgres, 'bare') };
  await storeDocuments(forgetful.url, products, stores);
  await measure(forgetful, await storeLines(forgetful.url, products, stores));
  return results;
}

function middleOf(products: readonly ListedProduct[]): ListedProduct {
  const product = products[Math.floor(products.length / 2)];
  if (!product) throw new Error('The shop has no products.');
  return product;
}

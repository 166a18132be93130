import type { ListedProduct } from '../harness/sample-catalog.ts';
import { barePlanOf, fetchAnswer } from './answer.ts';
import type { Line } from './line.ts';
import { answerFrom, productPath, productRoute } from './product-route.ts';

const bareRoute = 'bare Fastify route';
const listPath = '/v1/products?limit=20';

/** Reads of one thing again and again, which the application answers from its memory. */
export async function memoryLines(url: string, { id, handle }: ListedProduct): Promise<Line[]> {
  const paths = [productPath(id), productPath(handle), listPath];
  for (const path of paths) await fetchAnswer(url + path);
  // The second answers come from memory: bare servers send their headers.
  const byId = await fetchAnswer(url + productPath(id));
  const byHandle = await fetchAnswer(url + productPath(handle));
  const list = await fetchAnswer(url + listPath);
  const validator = { 'if-none-match': byId.headers.etag ?? '' };
  const notModified = await fetchAnswer(url + productPath(id), validator);
  const common = { order: 'cycle', reference: bareRoute, expected: answerFrom('memory') } as const;
  return [
    {
      ...common,
      name: 'product from memory, by id',
      paths: [productPath(id)],
      bare: barePlanOf(productRoute, byId),
    },
    {
      ...common,
      name: 'product from memory, by handle',
      paths: [productPath(handle)],
      bare: barePlanOf(productRoute, byHandle),
    },
    {
      ...common,
      name: 'list of 20 products from memory',
      paths: [listPath],
      bare: barePlanOf('/v1/products', list),
    },
    {
      ...common,
      name: 'product not modified (304)',
      reference: `${bareRoute}, always 304`,
      paths: [productPath(id)],
      headers: validator,
      expected: { ...answerFrom('memory'), status: 304 },
      bare: barePlanOf(productRoute, notModified),
    },
  ];
}

// Loaded before the application: its memory tier then holds one product at a time, so that reads of many products in turn
// come from redis. Nothing else of it is changed, and what it costs to put a product into memory is still paid.
const { cachePolicy } = (await import(new URL('../../dist/cache/cache-policy.js', import.meta.url).href)) as {
  cachePolicy: { product: { memory: { maxEntries: number } } };
};
cachePolicy.product.memory.maxEntries = 1;

// Loaded before the application: every product is then too large for its memory tier, so that all reads of products go
// on to redis. Nothing else of it is changed.
const { cachePolicy } = (await import(new URL('../../dist/cache/cache-policy.js', import.meta.url).href)) as {
  cachePolicy: { product: { memory: { maxBytes: number } } };
};
cachePolicy.product.memory.maxBytes = 1;

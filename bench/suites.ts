import type { Suite } from './harness/suite.ts';

/** The suites by name. A suite is a file of its own in `suites/`, loaded when it is run. */
export const suites: Readonly<Record<string, { readonly summary: string; load(): Promise<Suite> }>> = {
  cache: {
    summary: 'hits by tier, many at once, stampedes, memory: beside other caches and bare calls',
    load: async () => (await import('./suites/cache.suite.ts')).cacheSuite,
  },
  allocate: {
    summary: 'orders into PostgreSQL in batches, uniform and of one variant: beside a function call for each',
    load: async () => (await import('./suites/allocate.suite.ts')).allocateSuite,
  },
  http: {
    summary: 'reads over HTTP by tier, a list, a 304: beside bare Fastify routes that send the same',
    load: async () => (await import('./suites/http.suite.ts')).httpSuite,
  },
  checkout: {
    summary: 'full flows from cart to order over HTTP: beside the bare function that writes one order',
    load: async () => (await import('./suites/checkout.suite.ts')).checkoutSuite,
  },
  reserve: {
    summary: 'holds of stock: through our store beside redis-benchmark, in Redis CPU beside GET, by live holds',
    load: async () => (await import('./suites/reserve.suite.ts')).reserveSuite,
  },
};

// Caches with one of their safeguards taken out. The tests have to notice each of them.
import type { Loose } from '../../support/shopper.ts';

type From = (module: string) => Promise<Loose>;

export const mutants = {
  /** The check of the token always succeeds: it is put back before each fill. */
  'redis is filled without a fence': async (from: From) => {
    const [{ RedisTier }, { keyspace }] = [await from('cache/tiers/redis-tier'), await from('platform/keyspace')];
    const { fill } = RedisTier.prototype;
    RedisTier.prototype.fill = async function fillAnyway(this: Loose, fills: Loose[]) {
      for (const { key, token } of fills) {
        await this.guard.run((client: Loose) =>
          client.set(keyspace.application.fence('product', key), token, 'PX', 1_000),
        );
      }
      return fill.call(this, fills);
    };
  },
  'loads in flight are not made void': async (from: From) => {
    const { Flights } = await from('cache/loading/flights');
    Flights.prototype.void = () => {};
  },
  'invalidations of other processes are not heard': async (from: From) => {
    const { TieredCache } = await from('cache/tiered-cache');
    TieredCache.prototype.receive = () => {};
  },
  'loads pass the bulkhead': async (from: From) => {
    const { OriginGate } = await from('cache/loading/origin-gate');
    OriginGate.prototype.run = (_deadlineMs: number, load: (signal: AbortSignal) => unknown) =>
      load(new AbortController().signal);
  },
};

export type MutantName = keyof typeof mutants;

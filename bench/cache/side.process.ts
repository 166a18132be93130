// One cache in a process of its own, so that no other one shapes how its code is compiled. Told what to be by its
// environment; answers each piece of work with a sample.
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from '../harness/answer-questions.ts';
import { makeItem } from './items.ts';
import type { MakeSide, SideOptions } from './side.ts';
import type { SideName } from './side-names.ts';
import { carryOut, fill, type SlowOrigin, type Work } from './work.ts';

const makers: Record<SideName, () => Promise<MakeSide>> = {
  tiershop: async () => (await import('./sides/tiershop.ts')).makeTiershop,
  'layered-loader': async () => (await import('./sides/layered-loader.ts')).makeLayeredLoader,
  bentocache: async () => (await import('./sides/bentocache.ts')).makeBentocache,
  cacheable: async () => (await import('./sides/cacheable.ts')).makeCacheable,
  'cache-manager': async () => (await import('./sides/cache-manager.ts')).makeCacheManager,
  bare: async () => (await import('./sides/bare.ts')).makeBare,
};

const origin: SlowOrigin = {
  loads: 0,
  delayMs: 0,
  async load(key) {
    origin.loads++;
    if (origin.delayMs > 0) await sleep(origin.delayMs);
    return makeItem(key);
  },
  async loadMany(keys) {
    origin.loads++;
    return keys.map(makeItem);
  },
};

const { name, options } = JSON.parse(process.env.SIDE ?? '') as { name: SideName; options: SideOptions };
const make = await makers[name]();
const side = await make(options, origin);
await fill(side);
answerQuestions((work) => carryOut(work as Work, side, origin));
process.send?.({ type: 'ready' });

// One process of the tests of several: opens the cache, and does the work it is asked to do until it is killed.
import { type HammerOrder, hammer } from './hammer.ts';
import { openCache, type Setup } from './open-cache.ts';
import { SteadyReaders } from './steady-readers.ts';

export interface MissReport {
  readonly versions: number[];
  readonly failures: string[];
}

export type Question =
  | { readonly kind: 'miss'; readonly key: string; readonly readers: number }
  | ({ readonly kind: 'hammer' } & HammerOrder)
  | { readonly kind: 'read on'; readonly hot: readonly string[]; readonly cold: readonly string[] }
  | { readonly kind: 'report' };

const open = await openCache(JSON.parse(process.env.SETUP ?? '') as Setup);
const readers = new SteadyReaders(open);

/** So many reads of one key at once. */
async function miss(key: string, count: number): Promise<MissReport> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => open.items.get(key)));
  const versions = new Set<number>();
  const failures = new Set<string>();
  for (const result of results) {
    if (result.status === 'rejected') failures.add(String(result.reason));
    else versions.add(result.value.found ? result.value.document.value.version : -1);
  }
  return { versions: [...versions], failures: [...failures] };
}

async function carryOut(question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'miss':
      return miss(question.key, question.readers);
    case 'hammer':
      return hammer(open, question);
    case 'read on':
      return readers.start(question.hot, question.cold);
    case 'report':
      return readers.report();
  }
}

process.on('message', (question: Question) => {
  carryOut(question).then(
    (answer) => process.send?.({ type: 'answer', answer }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready' });

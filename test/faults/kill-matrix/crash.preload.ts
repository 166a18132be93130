// Loaded before the application in its own process. It puts the ordered crash around one method of the compiled
// application, and a mutation, if one is asked for; nothing of the application knows of it. Then it waits for its turn, with
// all of the application's modules loaded: that takes longer than anything else of a start.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CrashPoint, crashPoints, type Method, type Ordered } from './crash-points.ts';
import { type MutantName, mutants } from './mutants.ts';

async function replace({ module, className, method }: CrashPoint, around: (original: Method) => Method): Promise<void> {
  const url = new URL(`../../../dist/${module}.js`, import.meta.url).href;
  const exported = (await import(url)) as Record<string, { prototype: Record<string, Method> } | undefined>;
  const prototype = exported[className]?.prototype;
  const original = prototype?.[method];
  if (!prototype || !original) throw new Error(`There is no ${className}.${method} in ${module} any more.`);
  prototype[method] = around(original);
}

/** Ends or stops this very process at once, or holds up the one that calls it. */
async function crash(ordered: Ordered): Promise<void> {
  process.send?.({ type: 'crash', at: ordered.at });
  if (ordered.crash.startsWith('stall')) return sleep(ordered.stallMs);
  process.kill(process.pid, ordered.crash.startsWith('kill') ? 'SIGKILL' : 'SIGSTOP');
  // Neither signal returns control to a running process, but a killed one may get a moment more.
  if (ordered.crash.startsWith('kill')) await new Promise(() => {});
}

function around(ordered: Ordered): (original: Method) => Method {
  let calls = 0;
  return (original) =>
    async function crashing(this: unknown, ...args: unknown[]) {
      calls += 1;
      const isNow = calls === ordered.nth;
      if (isNow && ordered.crash.endsWith('before')) await crash(ordered);
      const result = await original.apply(this, args);
      if (isNow && ordered.crash.endsWith('after')) await crash(ordered);
      return result;
    };
}

const { CRASH, MUTANT } = process.env;
if (MUTANT !== undefined) {
  for (const { point, mutate } of mutants[MUTANT as MutantName].patches) await replace(point, mutate);
}
if (CRASH !== undefined) {
  const ordered = JSON.parse(CRASH) as Ordered;
  await replace(crashPoints[ordered.at], around(ordered));
}
await import(new URL('../../../dist/create-app.js', import.meta.url).href);
await once(process, 'message');

// The tiered cache beside the caches of the field and the least they are made of: hits by tier, many at once, memory,
// and how often the origin is asked when a thousand ask for the same. Each is in a process of its own, set up as its
// documentation says; all share one Redis.
import { linesFor } from '../cache/lines.ts';
import { measureLine, measureStampede } from '../cache/measure.ts';
import type { Result } from '../harness/result.ts';
import { startRedisLayers } from '../harness/stores.ts';
import type { SuiteContext } from '../harness/suite.ts';

export async function cacheSuite(context: SuiteContext): Promise<Result[]> {
  const { application } = await startRedisLayers(context.cleanup);
  const { seconds, connections } = context.options;
  const results: Result[] = [];
  for (const line of linesFor(seconds, connections)) {
    results.push(...(await measureLine(line, application.url, context)));
  }
  for (const processes of [1, 2] as const) {
    results.push(...(await measureStampede(processes, application.url, context)));
  }
  return results;
}

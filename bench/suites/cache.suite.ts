// The tiered cache beside other caches and the bare calls that caches are made of: hits by tier, many at once, memory, and
// how often the origin is asked when a thousand calls want the same key. Each runs in a process of its own, set up as its
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

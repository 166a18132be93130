import { expect, test } from '@jest/globals';
import { parseOutcome } from './redis-benchmark.ts';

const header =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max"';

test('the csv of redis-benchmark is read from its end: the command stands in front of it', () => {
  const csv = `${header}\n"EVALSHA 1,2 "3"","26881.72","1.789","0.304","1.655","2.935","3.391","6.279"\n`;
  expect(parseOutcome(csv)).toEqual({ perSecond: 26_881.72, p99Ms: 3.391 });
});

test('anything else is shown to the person', () => {
  expect(() => parseOutcome('Could not connect')).toThrow('Could not connect');
});

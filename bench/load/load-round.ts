import { createHistogram } from 'node:perf_hooks';
import { cpuSeconds } from '../harness/cpu-time.ts';
import { type Answer, LoadConnection } from './load-connection.ts';
import type { LoadOutcome, LoadPlan } from './load-plan.ts';

const nsPerMs = 1e6;

/** Of so many answers one may come from elsewhere than expected: on a busy machine a store now and then misses a deadline. */
const oneElsewhereIn = 100;

/** Loads a server for one round. @throws when answers are not the expected ones */
export async function runLoad(plan: LoadPlan): Promise<LoadOutcome> {
  const latencies = createHistogram();
  const requests = plan.paths.map((path) => requestOf(plan, path));
  let sent = 0;
  let answered = 0;
  let elsewhere: { count: number; head: string } = { count: 0, head: '' };
  let endsAtMs = Number.POSITIVE_INFINITY;
  const events = {
    next(): Buffer | undefined {
      if (performance.now() >= endsAtMs || (plan.order === 'once' && sent >= requests.length)) return undefined;
      return requests[sent++ % requests.length];
    },
    onAnswer({ status, head, latencyMs }: Answer): void {
      if (status !== plan.expected.status) throw unexpected(plan, head);
      if (!head.includes(plan.expected.text)) elsewhere = { count: elsewhere.count + 1, head };
      answered++;
      latencies.record(Math.max(1, Math.round(latencyMs * nsPerMs)));
    },
  };
  const connections = await Promise.all(
    Array.from({ length: plan.connections }, () => LoadConnection.open(plan.host, plan.port, events)),
  );

  const startedAtMs = performance.now();
  const cpuAtStart = cpuSeconds(plan.serverPid);
  endsAtMs = startedAtMs + plan.seconds * 1_000;
  await Promise.all(connections.map((connection) => connection.run()));
  const cpuAtEnd = cpuSeconds(plan.serverPid);
  if (elsewhere.count * oneElsewhereIn > answered) throw unexpected(plan, elsewhere.head);
  return {
    requests: answered,
    seconds: (performance.now() - startedAtMs) / 1_000,
    cpuSeconds: cpuAtEnd - cpuAtStart,
    p50Ms: latencies.percentile(50) / nsPerMs,
    p99Ms: latencies.percentile(99) / nsPerMs,
  };
}

function requestOf({ host, port, headers }: LoadPlan, path: string): Buffer {
  const lines = [`GET ${path} HTTP/1.1`, `host: ${host}:${port}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function unexpected({ expected }: LoadPlan, head: string): Error {
  return new Error(`Expected status ${expected.status} with "${expected.text}", and got:\n${head.trim()}`);
}

import { createHistogram } from 'node:perf_hooks';
import { cpuSeconds } from '../harness/cpu-time.ts';
import { type Answer, LoadConnection } from './load-connection.ts';
import type { LoadOutcome, LoadPlan } from './load-plan.ts';

const nsPerMs = 1e6;

/** One answer in so many may come from another tier: on a busy machine a store now and then misses a deadline. */
const oneElsewhereIn = 100;

/** A server with the connections that load it, in one slice of time after another. */
export class LoadedServer {
  readonly #plan: LoadPlan;
  readonly #requests: readonly Buffer[];
  readonly #latencies = createHistogram();
  #connections: LoadConnection[] = [];
  #endsAtMs = 0;
  #sent = 0;
  #answered = 0;
  #elsewhere = { count: 0, head: '' };
  #cpuSeconds = 0;

  private constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#requests = plan.paths.map((path) => requestOf(plan, path));
  }

  static async connect(plan: LoadPlan): Promise<LoadedServer> {
    const server = new LoadedServer(plan);
    const events = { next: () => server.#next(), onAnswer: (answer: Answer) => server.#take(answer) };
    const open = () => LoadConnection.open(plan.host, plan.port, events);
    server.#connections = await Promise.all(Array.from({ length: plan.connections }, open));
    return server;
  }

  /** Loads it until the time is up and all is answered. */
  async load(ms: number): Promise<void> {
    const cpuAtStart = cpuSeconds(this.#plan.serverPid);
    this.#endsAtMs = performance.now() + ms;
    await Promise.all(this.#connections.map((connection) => connection.run()));
    this.#cpuSeconds += cpuSeconds(this.#plan.serverPid) - cpuAtStart;
  }

  /** @throws when answers were not the expected ones */
  outcome(): LoadOutcome {
    if (this.#elsewhere.count * oneElsewhereIn > this.#answered) throw unexpected(this.#plan, this.#elsewhere.head);
    return {
      requests: this.#answered,
      cpuSeconds: this.#cpuSeconds,
      p50Ms: this.#latencies.percentile(50) / nsPerMs,
      p99Ms: this.#latencies.percentile(99) / nsPerMs,
    };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #next(): Buffer | undefined {
    const isAllSent = this.#plan.order === 'once' && this.#sent >= this.#requests.length;
    if (isAllSent || performance.now() >= this.#endsAtMs) return undefined;
    return this.#requests[this.#sent++ % this.#requests.length];
  }

  #take({ status, head, latencyMs }: Answer): void {
    const { expected } = this.#plan;
    if (status !== expected.status) throw unexpected(this.#plan, head);
    if (!head.includes(expected.text)) this.#elsewhere = { count: this.#elsewhere.count + 1, head };
    this.#answered++;
    this.#latencies.record(Math.max(1, Math.round(latencyMs * nsPerMs)));
  }
}

function requestOf({ host, port, headers }: LoadPlan, path: string): Buffer {
  const lines = [`GET ${path} HTTP/1.1`, `host: ${host}:${port}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function unexpected({ expected }: LoadPlan, head: string): Error {
  return new Error(`Expected status ${expected.status} with "${expected.text}", and got:\n${head.trim()}`);
}

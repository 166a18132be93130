// Loaded before the application: counts what its drivers send, and tells the parent when asked. Every statement counts,
// also BEGIN, COMMIT and those of batches and background work.
import { Redis } from 'ioredis';
import pg from 'pg';
import { answerQuestions } from '../harness/answer-questions.ts';

/** How often each was sent since the last question: statements by how they begin, calls by connection and command. */
export interface CallCounts {
  readonly statements: Readonly<Record<string, number>>;
  readonly redisCalls: Readonly<Record<string, number>>;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Enough to tell statements apart, but too little to tell how many rows one is for. */
const textLength = 120;

const statements = new Map<string, number>();
const redisCalls = new Map<string, number>();
const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

function before(owner: object, method: string, observe: (self: unknown, args: readonly unknown[]) => void): void {
  const methods = owner as Record<string, AnyFunction>;
  const original = methods[method];
  if (!original) throw new Error(`There is no method ${method} to be counted.`);
  methods[method] = function (this: unknown, ...args: unknown[]) {
    observe(this, args);
    return original.apply(this, args);
  };
}

before(pg.Client.prototype, 'query', (_client, [query]) => {
  const text = typeof query === 'string' ? query : (query as { text: string }).text;
  count(statements, text.replace(/\s+/g, ' ').trim().slice(0, textLength));
});
before(Redis.prototype, 'sendCommand', (client, [command]) => {
  const layer = (client as Redis).options.connectionName;
  count(redisCalls, `${layer} ${(command as { name: string }).name}`);
});

answerQuestions(async (): Promise<CallCounts> => {
  const counts = { statements: Object.fromEntries(statements), redisCalls: Object.fromEntries(redisCalls) };
  statements.clear();
  redisCalls.clear();
  return counts;
});

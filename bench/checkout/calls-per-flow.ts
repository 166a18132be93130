import type { Child } from '../harness/child.ts';
import { type Result, rounded } from '../harness/result.ts';
import type { CallCounts } from './count-calls.preload.ts';
import { stepsOfFlow } from './flow.ts';

const mostStatements = 6;
/** What is sent less often per flow is left out of the list for people, not of the sum. */
const seldom = 0.1;

/**
 * What a flow costs in statements and calls: everything the application sends in a round, background work included.
 * @param application loaded with count-calls.preload.ts
 * @param round gives how many flows there were
 */
export async function callsPerFlow(
  application: Child,
  name: string,
  round: () => Promise<number>,
  say: (text: string) => void,
): Promise<Result[]> {
  await round();
  await application.ask('begin anew');
  const flows = await round();
  const { statements, redisCalls } = (await application.ask('tell')) as CallCounts;
  const result = (what: string, counts: Readonly<Record<string, number>>, reference: string, limit: number): Result => {
    const perFlow = Object.entries(counts).map(([text, count]) => ({ text, often: count / flows }));
    perFlow.sort((a, b) => b.often - a.often);
    for (const { text, often } of perFlow) if (often >= seldom) say(`${often.toFixed(2)} × ${text}`);
    const value = perFlow.reduce((sum, { often }) => sum + often, 0);
    return {
      name: `${name}: ${what}`,
      value: rounded(value),
      unit: 'per flow, batches and background included',
      reference,
      referenceValue: limit,
      ratio: rounded(limit / value),
    };
  };
  return [
    result('SQL statements', statements, 'the most that are accepted', mostStatements),
    result('Redis calls', redisCalls, 'requests of a flow', stepsOfFlow),
  ];
}

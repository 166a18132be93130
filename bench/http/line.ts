import type { Child } from '../harness/child.ts';
import { compare, type Result } from '../harness/result.ts';
import { inRounds } from '../harness/rounds.ts';
import type { SuiteContext } from '../harness/suite.ts';
import type { LoadPlan } from '../load/load-plan.ts';
import { loadMeasures, loadRound } from '../load/load-process.ts';
import type { BarePlan } from './bare-plan.ts';
import { startBareServer } from './bare-server.ts';

/** One kind of read, and the bare server beside it. */
export interface Line extends Pick<LoadPlan, 'paths' | 'order' | 'expected'> {
  readonly name: string;
  readonly reference: string;
  readonly bare: BarePlan;
  readonly headers?: LoadPlan['headers'];
  /** Brings the application into the state in which this is measured, before each of its rounds. */
  readonly beforeRound?: () => Promise<void>;
}

/** Measures a line; the bare server is started for it and stopped after it. */
export async function measureLine(
  line: Line,
  application: Child,
  load: Child,
  context: SuiteContext,
): Promise<Result[]> {
  const { rounds, seconds, connections } = context.options;
  const planFor = ({ url, pid }: Child): LoadPlan => ({
    host: new URL(url).hostname,
    port: Number(new URL(url).port),
    serverPid: pid,
    headers: line.headers ?? {},
    paths: line.paths,
    order: line.order,
    expected: line.expected,
    connections,
    seconds,
  });
  const bare = await startBareServer(line.bare, context);
  context.cleanup.defer(() => bare.stop());
  const samples = await inRounds(rounds, async () => {
    await line.beforeRound?.();
    return loadRound(load, { ours: planFor(application), reference: planFor(bare) });
  });
  await bare.stop();
  const results = compare({ name: line.name, reference: line.reference, measures: loadMeasures }, samples);
  context.say(`${line.name}: ${results[0]?.ratio} of the ${line.reference}`);
  return results;
}

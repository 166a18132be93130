import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Child } from '../harness/child.ts';
import { compare, type Measure, type Result, type Sample } from '../harness/result.ts';
import { alternate } from '../harness/rounds.ts';
import type { SuiteContext } from '../harness/suite.ts';
import type { Line } from './lines.ts';
import type { SideOptions } from './side.ts';
import { type SideName, shownAs } from './side-names.ts';

const stampedeCalls = 1_000;
const originMs = 100;
const loads: Measure = { key: 'loads', label: 'loads', unit: 'calls of the origin', better: 'less' };

/** Measures one line against each reference in turn, both in new processes: a full heap is slower than an empty one. */
export async function measureLine(line: Line, redisUrl: string, context: SuiteContext): Promise<Result[]> {
  const results: Result[] = [];
  const options = { ...line.options, redisUrl };
  for (const { side, shown } of line.references) {
    const ours = await startSide('tiershop', options, context);
    const reference = await startSide(side, options, context);
    const samples = await alternate(context.options.rounds, {
      ours: () => ask(ours, line.work),
      reference: () => ask(reference, line.work),
    });
    await Promise.all([ours.stop(), reference.stop()]);
    const subject = { name: line.name, reference: shown ?? shownAs[side], measures: [line.measure] };
    results.push(...compare(subject, samples));
    context.say(`${line.name}: ${results.at(-1)?.ratio} of ${subject.reference}`);
  }
  return results;
}

/** A thousand calls at once for a key in no tier, in one process or in two: how often the origin is asked. */
export async function measureStampede(processes: 1 | 2, redisUrl: string, context: SuiteContext): Promise<Result[]> {
  const options: SideOptions = { redisUrl, keeping: 'by reference', tags: 3, memory: true };
  const start = (side: SideName) =>
    Promise.all(Array.from({ length: processes }, () => startSide(side, options, context)));
  const ours = await start('tiershop');
  const round = (children: readonly Child[]) => async (): Promise<Sample> => {
    const work = { kind: 'stampede', calls: stampedeCalls, key: randomUUID(), originMs };
    const samples = await Promise.all(children.map((child) => ask(child, work)));
    return { loads: samples.reduce((sum, sample) => sum + (sample.loads ?? 0), 0) };
  };
  const results: Result[] = [];
  for (const side of ['layered-loader', 'bentocache', 'cacheable', 'cache-manager'] as const) {
    const references = await start(side);
    const samples = await alternate(context.options.rounds, { ours: round(ours), reference: round(references) });
    await Promise.all(references.map((child) => child.stop()));
    const name = `1,000 misses of one key in each of ${processes} ${processes === 1 ? 'process' : 'processes'}`;
    results.push(...compare({ name, reference: shownAs[side], measures: [loads] }, samples));
    context.say(`${name}: ${results.at(-1)?.value} loads, ${shownAs[side]} ${results.at(-1)?.referenceValue}`);
  }
  await Promise.all(ours.map((child) => child.stop()));
  return results;
}

async function startSide(name: SideName, options: SideOptions, context: SuiteContext): Promise<Child> {
  const child = await Child.start(
    {
      name: shownAs[name],
      script: fileURLToPath(import.meta.resolve('./side.process.ts')),
      nodeArgs: ['--expose-gc'],
      env: { NODE_ENV: 'production', SIDE: JSON.stringify({ name, options }) },
      processor: context.processors.measured,
    },
    context.guard,
  );
  context.cleanup.defer(() => child.stop());
  return child;
}

const ask = (child: Child, work: unknown) => child.ask(work) as Promise<Sample>;

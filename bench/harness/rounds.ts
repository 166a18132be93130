import type { Sample, Sides } from './result.ts';

/** One round of one side. */
export type Round = () => Promise<Sample>;

const warmUpRounds = 2;

/** Runs rounds of both sides. Two come first and do not count: so long it takes V8 to compile what is run often. */
export async function inRounds(rounds: number, round: () => Promise<Sides<Sample>>): Promise<Sides<Sample[]>> {
  for (let warmUp = 0; warmUp < warmUpRounds; warmUp++) await round();
  const samples: Sides<Sample[]> = { ours: [], reference: [] };
  for (let counted = 0; counted < rounds; counted++) {
    const { ours, reference } = await round();
    samples.ours.push(ours);
    samples.reference.push(reference);
  }
  return samples;
}

/** The same with one side after the other (ours, reference, ours, reference …): what else the machine does meets both. */
export function alternate(rounds: number, sides: Sides<Round>): Promise<Sides<Sample[]>> {
  return inRounds(rounds, async () => ({ ours: await sides.ours(), reference: await sides.reference() }));
}

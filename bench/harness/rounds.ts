import type { Sample, Sides } from './result.ts';

/** One round of one side. */
export type Round = () => Promise<Sample>;

const warmUpRounds = 2;

/** Runs rounds of both sides. The first two do not count: V8 takes that long to compile what runs often. */
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

/** The same with one side after the other (ours, reference, ours, reference …): other load on the machine meets both. */
export function alternate(rounds: number, sides: Sides<Round>): Promise<Sides<Sample[]>> {
  return inRounds(rounds, async () => ({ ours: await sides.ours(), reference: await sides.reference() }));
}

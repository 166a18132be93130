import type { Sample, Sides } from './result.ts';

/** One round of one side. */
export type Round = () => Promise<Sample>;

const warmUpRounds = 2;

/**
 * Runs both sides in turn (ours, reference, ours, reference …), so that whatever else the machine does meanwhile meets
 * both. Two rounds of each come first and do not count: so long it takes V8 to compile what is run often.
 */
export async function alternate(rounds: number, sides: Sides<Round>): Promise<Sides<Sample[]>> {
  for (let round = 0; round < warmUpRounds; round++) {
    await sides.ours();
    await sides.reference();
  }
  const samples: Sides<Sample[]> = { ours: [], reference: [] };
  for (let round = 0; round < rounds; round++) {
    samples.ours.push(await sides.ours());
    samples.reference.push(await sides.reference());
  }
  return samples;
}

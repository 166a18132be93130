import type { Sides } from '../harness/result.ts';
import type { LoadOutcome, LoadPlan } from './load-plan.ts';
import { LoadedServer } from './loaded-server.ts';

/** Short beside the seconds for which another program slows a processor down, long beside one request. */
const sliceMs = 50;

/** One round of both sides. Each gets its seconds in slices, in turn with the other: what disturbs one disturbs both. */
export async function loadInSlices({ ours, reference }: Sides<LoadPlan>): Promise<Sides<LoadOutcome>> {
  const sides = { ours: await LoadedServer.connect(ours), reference: await LoadedServer.connect(reference) };
  try {
    for (let ms = 0; ms < ours.seconds * 1_000; ms += sliceMs) {
      await sides.ours.load(sliceMs);
      await sides.reference.load(sliceMs);
    }
    return { ours: sides.ours.outcome(), reference: sides.reference.outcome() };
  } finally {
    sides.ours.close();
    sides.reference.close();
  }
}

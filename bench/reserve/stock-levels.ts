import type { OpenGate } from './gate.ts';
import { EPOCH, LOCATION_ID, variantCount, variantId } from './levels.ts';

const onHand = 1_000_000_000;
const batch = 1_000;

/** Empties Redis and puts the levels there. */
export async function stockLevels({ gate, client }: OpenGate): Promise<void> {
  await client.flushall();
  await gate.epoch(EPOCH);
  for (let first = 0; first < variantCount; first += batch) {
    const levels = Array.from({ length: batch }, (_, i) => ({
      ...{ variantId: variantId(first + i), locationId: LOCATION_ID, epoch: EPOCH, version: 1 },
      ...{
        onHand,
        sellable: onHand,
        holdLimit: onHand,
        lowStockThreshold: null,
        policy: 'deny' as const,
        tracked: true,
      },
    }));
    await gate.reconcile({ epoch: EPOCH, levels });
  }
}

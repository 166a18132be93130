import type { Tx } from '../../platform/database/database.js';
import { appendToOutbox } from '../../platform/outbox/outbox.js';

const MAX_VARIANTS_PER_EVENT = 500;

/** Lets Redis follow the levels of these variants once the transaction is committed: few events, however many they are. */
export async function tellLevelChanges(tx: Tx, variantIds: readonly string[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(variantIds.length / MAX_VARIANTS_PER_EVENT) }, (_, batch) =>
    variantIds.slice(batch * MAX_VARIANTS_PER_EVENT, (batch + 1) * MAX_VARIANTS_PER_EVENT),
  );
  await appendToOutbox(
    tx,
    batches.map((ids) => ({ event: 'inventory.level-changed', payload: { variantIds: ids } })),
  );
}

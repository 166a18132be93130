// A hold over several partitions is tried in each of them in turn, in one order, under one hold id. If one refuses, all
// parts are given back and the id is over. The partition that refused is closed to it first, in one step, unless another
// request for the same hold has got that part meanwhile. So no request is told that all is held while another takes a part
// of it away.
import { unavailable } from '../../platform/errors.js';
import type { HoldPart } from './hold-part.js';
import type { StockPartition } from './stock-partition.store.js';

/** Each further round needs another request for the same hold that was quicker. */
const ROUNDS = 5;

export interface PartOfHold extends HoldPart {
  readonly partition: StockPartition;
}

interface Reply {
  readonly kind: string;
}

/** A part that was taken says until when. */
type Taken<R> = Extract<R, { readonly expiresAtMs: number }>;
type Refused<R> = Exclude<R, { readonly expiresAtMs: number }>;

/**
 * @param giveBack gives back all parts
 * @returns what each partition said, or the refusal of one of them
 */
export async function tryInTurn<R extends Reply>(
  parts: readonly PartOfHold[],
  attempt: (part: PartOfHold) => Promise<R>,
  giveBack: (reason: string) => Promise<unknown>,
): Promise<readonly Taken<R>[] | Refused<R>> {
  for (let round = 0; round < ROUNDS; round++) {
    const { taken, refused } = await untilRefused(parts, attempt);
    if (!refused) return taken;
    // One partition takes all lines or none.
    if (parts.length === 1 || !isFinal(refused.reply)) return refused.reply;
    const { kind } = await refused.part.partition.release(refused.part, GIVEN_UP, { unlessHeld: true });
    if (kind !== 'held') {
      await giveBack(GIVEN_UP);
      return refused.reply;
    }
  }
  throw unavailable('The store of stock holds');
}

const GIVEN_UP = 'not all lines are left';

async function untilRefused<R extends Reply>(
  parts: readonly PartOfHold[],
  attempt: (part: PartOfHold) => Promise<R>,
): Promise<{ taken: Taken<R>[]; refused?: { part: PartOfHold; reply: Refused<R> } }> {
  const taken: Taken<R>[] = [];
  for (const part of parts) {
    const reply = await attempt(part);
    if (!isTaken(reply)) return { taken, refused: { part, reply: reply as Refused<R> } };
    taken.push(reply);
  }
  return { taken };
}

const isTaken = <R extends Reply>(reply: R): reply is Taken<R> => 'expiresAtMs' in reply;

/** A conflict is not final: the parts belong to another hold under this id. Nor is a promise that finds no levels. */
const isFinal = ({ kind }: Reply) => kind === 'short' || kind === 'expired' || kind === 'resolved';

// A hold over several partitions is tried in each of them in turn, in one order, under one hold id. What could not be held
// whole is given back, and the id has ended with it: the partition that refused is closed to it first, in one step, unless
// somebody who asks for the same hold has got that part meanwhile. So nobody is told that all is held while another
// request takes a part of it away.
import { unavailable } from '../../platform/errors.js';
import type { Part, StockPartition } from './stock-partition.store.js';

/** Each round more needs another request with the same hold that was quicker. */
const ROUNDS = 5;

export interface PartOfHold extends Part {
  readonly partition: StockPartition;
  /** The number of each of its lines among all lines of the hold. */
  readonly numbers: readonly number[];
}

interface Reply {
  readonly kind: string;
}

type Taken<R> = Extract<R, { readonly kind: 'ok' | 'reacquired' }>;
type Refused<R> = Exclude<R, { readonly kind: 'ok' | 'reacquired' }>;

/**
 * @param giveBack gives back all parts
 * @returns what each partition said, or the refusal of one of them, with lines by their numbers in the hold
 */
export async function tryInTurn<R extends Reply>(
  parts: readonly PartOfHold[],
  attempt: (part: PartOfHold) => Promise<R>,
  giveBack: () => Promise<unknown>,
): Promise<readonly Taken<R>[] | Refused<R>> {
  const [only] = parts;
  if (only && parts.length === 1) {
    const reply = await attempt(only);
    return isTaken(reply) ? [reply] : (reply as Refused<R>);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const replies = await untilRefused(parts, attempt);
    const last = replies.at(-1);
    if (!last || isTaken(last.reply)) return replies.flatMap(({ reply }) => (isTaken(reply) ? reply : []));
    const refused = renumbered(last.reply as Refused<R>, last.part);
    if (!isFinal(refused) || (await giveUp(parts, last.part, giveBack))) return refused;
  }
  throw unavailable('The store of stock holds');
}

/** @returns false when somebody has got the part that was refused: then the hold has to be asked for again */
export async function giveUp(
  parts: readonly PartOfHold[],
  refusing: PartOfHold,
  giveBack: () => Promise<unknown>,
): Promise<boolean> {
  // One partition takes all lines or none.
  if (parts.length === 1) return true;
  const closed = await refusing.partition.release(refusing, GIVEN_UP, { unlessHeld: true });
  if (closed.kind === 'held') return false;
  await giveBack();
  return true;
}

export const GIVEN_UP = 'not all lines are left';

async function untilRefused<R extends Reply>(
  parts: readonly PartOfHold[],
  attempt: (part: PartOfHold) => Promise<R>,
): Promise<{ part: PartOfHold; reply: R }[]> {
  const replies: { part: PartOfHold; reply: R }[] = [];
  for (const part of parts) {
    const reply = await attempt(part);
    replies.push({ part, reply });
    if (!isTaken(reply)) break;
  }
  return replies;
}

const isTaken = <R extends Reply>(reply: R): reply is Taken<R> => reply.kind === 'ok' || reply.kind === 'reacquired';

/** Not when the script asks to be called again, nor on a conflict: then the parts belong to another hold under this id. */
const isFinal = ({ kind }: Reply) => kind === 'short' || kind === 'expired' || kind === 'resolved';

/** A reply that names lines by their number in a part names them by their number in the hold. */
function renumbered<R extends Reply>(reply: R, { numbers }: PartOfHold): R {
  if (!('lines' in reply) || !Array.isArray(reply.lines)) return reply;
  const numberOf = (line: number) => numbers[line] ?? line;
  const lines = reply.lines.map((line: number | { line: number }) =>
    typeof line === 'number' ? numberOf(line) : { ...line, line: numberOf(line.line) },
  );
  return { ...reply, lines };
}

// Holds that are asked for in the same turn of the event loop share one call of lua/reserve.lua: half the cost of a hold in
// Redis is the script call itself (ADR 24). Calls do not wait for each other, nor to fill up.
import { AppError } from '../../platform/errors.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import type { ReserveReply } from './inventory.scripts.js';

/** What lua/reserve.lua is given for one hold. */
export interface ReserveRequest {
  readonly keys: readonly string[];
  /** Holds of one call have these in common. */
  readonly common: readonly number[];
  readonly args: readonly (string | number)[];
}

type RunReserve = (keys: readonly string[], args: readonly (string | number)[]) => Promise<readonly ReserveReply[]>;

/** More make a hold hardly cheaper, and Redis serves nobody else during the call. */
export const HOLDS_OF_A_CALL = 16;
/** Keeps carts of many lines from blocking Redis longer than many carts do; a single hold may have more. */
const KEYS_OF_A_CALL = 512;
/** A call waits for others only when so many are in flight. */
const CALLS_IN_FLIGHT = 256;

export class ReserveCalls {
  private readonly batch = new MicroBatch<ReserveRequest, ReserveReply>((requests) => this.call(requests), {
    maxItems: HOLDS_OF_A_CALL,
    maxInFlight: CALLS_IN_FLIGHT,
    goesWith,
    // A call that failed has taken nothing, and can be sent twice.
    mayBeOfOne: (error) => !(error instanceof AppError),
  });

  constructor(private readonly run: RunReserve) {}

  /** @throws AppError `unavailable` when Redis is down, or far too many holds wait for it */
  ask(request: ReserveRequest): Promise<ReserveReply> {
    return this.batch.add(request);
  }

  private call(requests: readonly ReserveRequest[]): Promise<readonly ReserveReply[]> {
    return this.run(
      requests.flatMap(({ keys }) => keys),
      [...(requests[0]?.common ?? []), ...requests.flatMap(({ args }) => args)],
    );
  }
}

function goesWith(batch: readonly ReserveRequest[], next: ReserveRequest): boolean {
  const keyCount = batch.reduce((sum, { keys }) => sum + keys.length, next.keys.length);
  return keyCount <= KEYS_OF_A_CALL && next.common.every((value, i) => value === batch[0]?.common[i]);
}

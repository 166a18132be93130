import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../platform/errors.js';

/** Enough for some fifty requests that change one cart at the same moment. */
const MAX_ATTEMPTS = 40;
const MAX_PAUSE_MS = 64;

/** Tries again, after a short random pause, as long as `attempt` returns undefined. @throws AppError `cart_changed` */
export async function retryOnConflict<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep(Math.random() * Math.min(2 ** n, MAX_PAUSE_MS));
  }
  throw new AppError('cart_changed', { detail: 'Other requests are changing this cart. Try again.', retryAfterS: 1 });
}

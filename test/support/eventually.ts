import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 10;
/** Later than this by so much, a poll says that this process stood still: no time in which anything could have happened. */
const stoodStillMs = 100;

/** Repeats an assertion until it holds; the last failure is thrown when it does not within the time. */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs = 15_000): Promise<T> {
  let deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      const dueAtMs = Date.now() + pollMs;
      await sleep(pollMs);
      const lateMs = Date.now() - dueAtMs;
      if (lateMs > stoodStillMs) deadline += lateMs;
    }
  }
}

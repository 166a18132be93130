import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 10;

/** Repeats an assertion until it holds; the last failure is thrown when it does not within the time. */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs = 5_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pollMs);
    }
  }
}

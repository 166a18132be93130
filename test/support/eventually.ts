import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 10;
/** A poll this much too late means that this process stood still: nothing could happen then, so the time does not count. */
const stoodStillMs = 100;

/** Repeats an assertion until it holds; throws the last failure when the time is over. */
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

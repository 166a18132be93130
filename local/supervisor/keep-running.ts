import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../servers/server.ts';
import { provenAfterMs, restartDelayMs } from './restart-delay.ts';
import { describe, say } from './say.ts';

/**
 * Starts a server again whenever it ends, on the same port with the same data.
 * Returns when `signal` is aborted; throws when it cannot be brought back.
 */
export async function keepRunning(server: Server, signal: AbortSignal, onChange: () => Promise<void>): Promise<void> {
  let failures = 0;
  let startedAtMs = Date.now();
  for (;;) {
    const how = await server.ended;
    if (signal.aborted) return;
    if (Date.now() - startedAtMs > provenAfterMs) failures = 0;
    await onChange();
    say(`${server.name} ended unexpectedly (${how}); starting it again.`);
    failures = await startAgain(server, failures, signal);
    if (signal.aborted) return;
    startedAtMs = Date.now();
    await onChange();
    say(`${server.name} is back.`);
  }
}

async function startAgain(server: Server, earlierFailures: number, signal: AbortSignal): Promise<number> {
  for (let failures = earlierFailures + 1; ; failures++) {
    const delayMs = restartDelayMs(failures);
    if (delayMs === undefined) throw new Error(`${server.name} ends again and again; its log says why.`);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return failures;
    try {
      await server.start();
      return failures;
    } catch (error) {
      if (signal.aborted) return failures;
      say(describe(error));
    }
  }
}

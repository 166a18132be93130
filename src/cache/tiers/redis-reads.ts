// Reads of single entries, collected: what is asked for in one turn of the event loop goes to redis in one command with
// one deadline and one look at the breaker, and the replies are handed out without a promise for each.
import { readBuffers } from './bulk-reads.js';
import type { RedisGuard } from './redis-guard.js';

/** Null when there is nothing, or nothing that is a string; undefined when redis gave no answer. */
export type RawRead = Buffer | null | undefined;

/** Given the reply, and how long the command took. It must not throw. */
export type OnRead = (read: RawRead, tookMs: number) => void;

/** The replies of this many small documents still leave the event loop free for others. */
const MAX_KEYS = 128;

export class RedisReads {
  private names: string[] = [];
  private listeners: OnRead[] = [];

  constructor(private readonly guard: RedisGuard) {}

  read(name: string, onRead: OnRead): void {
    this.names.push(name);
    this.listeners.push(onRead);
    if (this.names.length === 1) setImmediate(() => this.send());
  }

  async readMany(names: readonly string[]): Promise<readonly RawRead[]> {
    const outcome = await this.guard.run((client) => readBuffers(client, names));
    return outcome.ok ? outcome.value : names.map(() => undefined);
  }

  private send(): void {
    const { names, listeners } = this;
    this.names = [];
    this.listeners = [];
    for (let from = 0; from < names.length; from += MAX_KEYS) {
      void this.carryOut(names.slice(from, from + MAX_KEYS), listeners.slice(from, from + MAX_KEYS));
    }
  }

  private async carryOut(names: readonly string[], listeners: readonly OnRead[]): Promise<void> {
    const startedAtMs = performance.now();
    const replies = await this.readMany(names);
    const tookMs = performance.now() - startedAtMs;
    for (let i = 0; i < listeners.length; i++) listeners[i]?.(replies[i], tookMs);
  }
}

// Carries an invalidation to every tier and process: entries in redis first, then the message, then this process. This order
// matters: a process that reads the message, or sees the new stamp, finds nothing older in redis, and a load of this process
// that read redis before the entry was dropped is made void before the caller is answered.
import { randomBytes } from 'node:crypto';
import { bySlot } from '../../platform/redis/by-slot.js';
import { type CategoryName, cacheLimits } from '../cache-policy.js';
import { dropEntries } from '../tiers/entry.scripts.js';
import type { Guarded, RedisGuard } from '../tiers/redis-guard.js';
import type { Backplane } from './backplane.js';
import { publishInvalidation } from './clock.scripts.js';
import { encodeMessage, type InvalidationMessage } from './messages.js';
import { categoryTag, EVERYTHING, keyTag, type TagSpace } from './tag-space.js';

/** What to make void: everything that is given. `keys` belong to `category`; a category without keys is all of it. */
export interface Invalidation {
  readonly category?: CategoryName | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
}

/** What an invalidation did. */
export interface InvalidationResult {
  /** Copies dropped from this process at once. Those void by their tags are dropped at their next read. */
  readonly memoryEntries: number;
  /** Entries dropped from redis at once. Those void by their tags stay and are ignored. */
  readonly redisEntries: number;
  /** False when redis is out: this process has dropped the old values, the others are told when redis is back. */
  readonly published: boolean;
}

/** The copies in this process. */
export interface LocalCopies {
  drop(message: InvalidationMessage): number;
  dropAll(): void;
}

export interface InvalidatorOptions {
  readonly source: string;
  readonly markerLifeMs: number;
}

/** Invalidates in redis, in the other processes and in this one; what cannot be sent to redis waits here. */
export class Invalidator {
  /** Messages not yet sent to redis, each once, in the order of their latest request. */
  private readonly pending = new Map<string, InvalidationMessage>();
  private replaying: Promise<boolean> | undefined;

  constructor(
    private readonly guard: RedisGuard,
    private readonly space: TagSpace,
    private readonly backplane: Backplane,
    private readonly local: LocalCopies,
    private readonly options: InvalidatorOptions,
  ) {}

  get pendingCount(): number {
    return this.pending.size;
  }

  /** When it resolves, this process serves nothing that was read before. */
  async invalidate(what: Invalidation): Promise<InvalidationResult> {
    let result: InvalidationResult = { memoryEntries: 0, redisEntries: 0, published: true };
    for (const message of toMessages(what)) {
      const one = await this.carryOut(message);
      result = {
        memoryEntries: result.memoryEntries + one.memoryEntries,
        redisEntries: result.redisEntries + one.redisEntries,
        published: result.published && one.published,
      };
    }
    return result;
  }

  /** Sends what waits. @returns whether nothing is left. */
  replay(): Promise<boolean> {
    if (this.pending.size === 0) return Promise.resolve(true);
    this.replaying ??= this.sendPending().finally(() => {
      this.replaying = undefined;
    });
    return this.replaying;
  }

  private async carryOut(message: InvalidationMessage): Promise<InvalidationResult> {
    // What waits goes first, so that nothing of this process overtakes it.
    const sent = (await this.replay()) ? await this.send(message) : undefined;
    if (!sent) {
      // Perhaps only a part of redis is out: the other processes may hear of it now, and again on replay.
      await this.publish(withKeyTags(message));
      this.applyWithoutRedis(message);
      return { memoryEntries: this.local.drop(message), redisEntries: 0, published: false };
    }
    const memoryEntries = this.local.drop(message);
    if (sent.lineage === this.space.lineage) this.space.apply(this.toldOf(message).tags, sent.stamp);
    else this.backplane.lose();
    return { memoryEntries, redisEntries: sent.dropped, published: true };
  }

  private async sendPending(): Promise<boolean> {
    for (let next = this.nextPending(); next; next = this.nextPending()) {
      const sent = await this.send(next);
      if (!sent) return false;
      // Its local stamp is lower than those of entries that others stored before they heard of it.
      if (sent.lineage === this.space.lineage) this.space.apply(this.toldOf(next).tags, sent.stamp);
      else this.backplane.lose();
      // If it was requested again meanwhile, it is sent again: this message may have gone out before the newer write.
      const text = encodeMessage(next);
      if (this.pending.get(text) === next) this.pending.delete(text);
    }
    return true;
  }

  private nextPending(): InvalidationMessage | undefined {
    return this.pending.values().next().value;
  }

  /** @returns undefined when redis is out: it may have been done or not, and must be done again. */
  private async send(
    message: InvalidationMessage,
  ): Promise<{ lineage: string; stamp: number; dropped: number } | undefined> {
    let dropped = 0;
    for (const [category, keys] of byCategory(message)) {
      const counts = await this.guard.run((client) =>
        bySlot(client, keys, async (some) => [await dropEntries(client, category, some)]),
      );
      if (!counts.ok) return undefined;
      dropped += counts.value.reduce((sum, count) => sum + count, 0);
    }
    const published = await this.publish(this.toldOf(message));
    return published.ok ? { ...published.value, dropped } : undefined;
  }

  /**
   * In a Cluster, the node of an entry may be replaced by a copy from before the deletion while the clock goes on elsewhere:
   * then only the stamp of its key shows that it is void.
   */
  private toldOf(message: InvalidationMessage): InvalidationMessage {
    return this.guard.client.isCluster ? withKeyTags(message) : message;
  }

  private publish(message: InvalidationMessage): Promise<Guarded<{ lineage: string; stamp: number }>> {
    return this.guard.run((client) =>
      publishInvalidation(client, {
        newLineage: randomBytes(9).toString('base64url'),
        source: this.options.source,
        message: encodeMessage(message),
        tags: message.tags,
        streamLength: cacheLimits.streamLength,
        markerLifeMs: this.options.markerLifeMs,
        maxMarkers: cacheLimits.maxTagMarkers,
      }),
    );
  }

  /** Until redis has been told, it is not read: it may still hold what this process has made void. */
  private applyWithoutRedis(message: InvalidationMessage): void {
    this.remember(this.pending.size < cacheLimits.maxPendingInvalidations ? message : this.everythingInstead());
    this.backplane.distrust();
    if (!this.space.applyLocally(message.tags)) {
      this.space.restart(this.space.snapshot());
      this.local.dropAll();
    }
  }

  private remember(message: InvalidationMessage): void {
    const text = encodeMessage(message);
    this.pending.delete(text);
    this.pending.set(text, message);
  }

  /** One message that covers all those that are too many to keep. */
  private everythingInstead(): InvalidationMessage {
    this.pending.clear();
    return { keys: [], tags: [EVERYTHING] };
  }
}

/** Cuts an invalidation into messages of bounded size. */
export function toMessages(what: Invalidation): InvalidationMessage[] {
  const { category, keys = [], all } = what;
  if (keys.length > 0 && !category) throw new RangeError('keys need the category they belong to');
  const tags = [...(what.tags ?? [])];
  if (all) tags.push(EVERYTHING);
  if (category && what.keys === undefined) tags.push(categoryTag(category));
  const messages: InvalidationMessage[] = [];
  for (let i = 0; i < Math.max(keys.length, tags.length); i += cacheLimits.maxBatch) {
    messages.push({
      keys: keys.slice(i, i + cacheLimits.maxBatch).map((key) => [category ?? '', key] as const),
      tags: tags.slice(i, i + cacheLimits.maxBatch),
    });
  }
  return messages;
}

/** The entries may still be there: their keys are stamped, so that nobody believes them. */
function withKeyTags({ keys, tags }: InvalidationMessage): InvalidationMessage {
  return { keys, tags: [...tags, ...keys.map(([category, key]) => keyTag(categoryTag(category), key))] };
}

function byCategory(message: InvalidationMessage): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [category, key] of message.keys) {
    const keys = groups.get(category);
    if (keys) keys.push(key);
    else groups.set(category, [key]);
  }
  return groups;
}

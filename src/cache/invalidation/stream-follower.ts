import { keyspace } from '../../platform/keyspace.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import type { ClockState } from './clock.scripts.js';
import { type ReceivedMessage, readMessages } from './messages.js';
import type { TagSpace } from './tag-space.js';

/** Most messages of one read. */
export const READ_COUNT = 500;

/** Takes the messages of the stream of invalidations in their order, and notices when one is missing. */
export class StreamFollower {
  /** Stamp of the last message that was applied. */
  followed = 0;
  private lastId = '0-0';

  constructor(
    private readonly space: TagSpace,
    /** Messages of this source are skipped: their writer has applied them. */
    private readonly source: string,
  ) {}

  /** Goes on from a state of the space that contains every message so far. */
  beginAfter({ stamp, lastMessageId }: Pick<ClockState, 'stamp' | 'lastMessageId'>): void {
    this.followed = stamp;
    this.lastId = lastMessageId;
  }

  /** The latest stamp of redis that this process has seen in any way. */
  get seenStamp(): number {
    return Math.max(this.followed, Math.floor(this.space.stamp));
  }

  /** The messages after the last one that was taken; with `blockMs` it waits for one. */
  async read(client: RedisClient, blockMs: number | undefined): Promise<ReceivedMessage[]> {
    const stream = keyspace.application.invalidations();
    const from = this.lastId;
    const reply =
      blockMs === undefined
        ? await client.xread('COUNT', READ_COUNT, 'STREAMS', stream, from)
        : await client.xread('COUNT', READ_COUNT, 'BLOCK', blockMs, 'STREAMS', stream, from);
    return readMessages(reply);
  }

  /** Applies messages in their order. @returns false when one is missing. */
  take(messages: readonly ReceivedMessage[], apply: (message: ReceivedMessage) => void): boolean {
    for (const message of messages) {
      if (message.lineage !== this.space.lineage) return false;
      if (message.stamp <= this.followed) continue;
      if (message.stamp !== this.followed + 1) return false;
      this.followed = message.stamp;
      this.lastId = message.id;
      // This process applied its own before it answered; applied again, they would drop newer loads.
      if (message.source !== this.source) apply(message);
    }
    return true;
  }
}

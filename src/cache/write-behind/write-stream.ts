// One shard's stream of documents on their way to PostgreSQL, as a member of its consumer group.
import type { RedisCommander } from 'ioredis';
import { keyspace, type SessionShard } from '../../platform/keyspace.js';
import type { RedisClient, RedisLayers } from '../../platform/redis/redis-layers.js';
import { markFolded } from './write-behind.scripts.js';

/** An entry of the stream. */
export interface QueuedDocument {
  readonly entryId: string;
  readonly kind: string;
  readonly id: string;
  readonly version: number;
  readonly text: string;
}

type StreamEntry = [id: string, fields: string[] | null];

const GROUP = 'fold';
const FORGET_CONSUMER_MS = 3_600_000;

export class WriteStream {
  private readonly key: string;

  constructor(
    private readonly redis: RedisLayers,
    readonly shard: SessionShard,
    private readonly consumer: string,
  ) {
    this.key = keyspace.session.writeBehind(shard);
  }

  /** Entries that no member has had yet. */
  readNew(count: number): Promise<QueuedDocument[]> {
    return this.readGroup('>', count);
  }

  /** Entries that this member has had and not finished. */
  readOwn(count: number): Promise<QueuedDocument[]> {
    return this.readGroup('0', count);
  }

  /**
   * Takes over the unfinished entries of members that are gone.
   * @returns the entries, with how often each was handed out since a worker last survived it
   */
  async claim(idleMs: number, count: number): Promise<{ document: QueuedDocument; deliveries: number }[]> {
    const [, entries] = await this.withGroup(
      () =>
        this.client.xautoclaim(this.key, GROUP, this.consumer, idleMs, '0-0', 'COUNT', count) as Promise<
          [string, StreamEntry[]]
        >,
    );
    const documents = entries.flatMap(toDocument);
    const first = documents[0];
    const last = documents.at(-1);
    if (!first || !last) return [];
    const pending = (await this.client.xpending(
      this.key,
      GROUP,
      first.entryId,
      last.entryId,
      count,
      this.consumer,
    )) as [string, string, number, number][];
    const deliveries = new Map(pending.map(([entryId, , , times]) => [entryId, times]));
    return documents.map((document) => ({ document, deliveries: deliveries.get(document.entryId) ?? 1 }));
  }

  /**
   * Resets the delivery counts of entries of this member, since each read of them counts. Their idle time begins anew, so
   * that nobody takes them over while this member lives.
   */
  async excuse(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // Typed as what both clients share: for their union the compiler finds no overload of this command.
    const commands: RedisCommander = this.client;
    await commands.xclaim(this.key, GROUP, this.consumer, 0, ...ids, 'RETRYCOUNT', 0, 'JUSTID');
  }

  /** Takes entries out; documents whose newest version was folded or given up may expire. */
  async finish(
    ids: readonly string[],
    documents: readonly { readonly key: string; readonly version: number; readonly ttlMs: number }[],
  ): Promise<void> {
    await markFolded(this.client, this.shard, { group: GROUP, documents, ids });
  }

  /** How many documents wait. */
  depth(): Promise<number> {
    return this.client.xlen(this.key);
  }

  /** Leaves the group, and forgets members that are long gone; those with unfinished entries stay until they are claimed. */
  async leave(): Promise<void> {
    const consumers = await this.withGroup(
      () => this.client.xinfo('CONSUMERS', this.key, GROUP) as Promise<(string | number)[][]>,
    );
    for (const consumer of consumers) {
      const field = (name: string) => consumer[consumer.indexOf(name) + 1];
      const name = String(field('name'));
      const isGone = name === this.consumer || Number(field('idle')) > FORGET_CONSUMER_MS;
      if (isGone && Number(field('pending')) === 0) await this.client.xgroup('DELCONSUMER', this.key, GROUP, name);
    }
  }

  private async readGroup(from: '>' | '0', count: number): Promise<QueuedDocument[]> {
    const reply = await this.withGroup(
      () =>
        this.client.xreadgroup('GROUP', GROUP, this.consumer, 'COUNT', count, 'STREAMS', this.key, from) as Promise<
          [string, StreamEntry[]][] | null
        >,
    );
    return (reply?.[0]?.[1] ?? []).flatMap(toDocument);
  }

  /** The group is gone after a flush, and not there at the very first start. */
  private async withGroup<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error) || !/NOGROUP|no such key/i.test(error.message)) throw error;
      await this.client.xgroup('CREATE', this.key, GROUP, '0', 'MKSTREAM').catch((created: Error) => {
        if (!created.message.startsWith('BUSYGROUP')) throw created;
      });
      return work();
    }
  }

  private get client(): RedisClient {
    return this.redis.client('session');
  }
}

function toDocument([entryId, fields]: StreamEntry): QueuedDocument[] {
  // An entry that was deleted while a member had it comes without fields.
  if (!fields) return [];
  const field = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
  return [
    { entryId, kind: field('kind'), id: field('id'), version: Number(field('version')), text: field('document') },
  ];
}

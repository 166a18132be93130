// What a Redis server says of itself, cut to what an operator looks at first. Arguments of slow commands stay out: they
// hold carts, sessions and tokens.
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { expectedMemoryPolicy, type Layer, RedisLayers } from '../../platform/redis/redis-layers.js';
import { serversOf } from '../../platform/redis/servers.js';

const MOST_NODES = 20;
const SLOW_COMMANDS = 10;
const MOST_KEY_CHARACTERS = 100;

export interface SlowCommand {
  readonly at: string;
  readonly tookMs: number;
  readonly command: string;
  /** The first key, when it comes first among the arguments. */
  readonly key: string | null;
}

export interface RedisNodeReport {
  readonly version: string;
  readonly upS: number;
  readonly clients: number;
  readonly memory: {
    readonly usedBytes: number;
    /** 0: no limit. */
    readonly maxBytes: number;
    readonly policy: string;
    readonly fragmentation: number;
  };
  readonly commandsPerSecond: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  readonly slowCommands: readonly SlowCommand[];
}

export interface RedisLayerReport {
  readonly layer: Layer;
  readonly up: boolean;
  readonly expectedPolicy: string;
  /** One for each server: several in a cluster. Empty when the layer is down. */
  readonly nodes: readonly RedisNodeReport[];
}

@Injectable()
export class RedisReport {
  constructor(@Inject(RedisLayers) private readonly redis: RedisLayers) {}

  /** A layer that does not answer is reported as down. */
  async of(layer: Layer): Promise<RedisLayerReport> {
    const expectedPolicy = expectedMemoryPolicy[layer].source;
    const client = this.redis.client(layer);
    const servers = serversOf(client).slice(0, MOST_NODES);
    try {
      return { layer, up: true, expectedPolicy, nodes: await Promise.all(servers.map(reportOf)) };
    } catch {
      return { layer, up: false, expectedPolicy, nodes: [] };
    }
  }
}

async function reportOf(server: Redis): Promise<RedisNodeReport> {
  const [info, slow] = await Promise.all([server.info(), server.slowlog('GET', SLOW_COMMANDS)]);
  const text = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const number = (name: string) => Number(text(name)) || 0;
  return {
    version: text('redis_version'),
    upS: number('uptime_in_seconds'),
    clients: number('connected_clients'),
    memory: {
      usedBytes: number('used_memory'),
      maxBytes: number('maxmemory'),
      policy: text('maxmemory_policy'),
      fragmentation: number('mem_fragmentation_ratio'),
    },
    commandsPerSecond: number('instantaneous_ops_per_sec'),
    hits: number('keyspace_hits'),
    misses: number('keyspace_misses'),
    evictedKeys: number('evicted_keys'),
    expiredKeys: number('expired_keys'),
    slowCommands: Array.isArray(slow) ? slow.flatMap(slowCommand) : [],
  };
}

/** One entry of SLOWLOG: id, time (s), duration (µs), the arguments. */
function slowCommand(entry: unknown): SlowCommand[] {
  if (!Array.isArray(entry)) return [];
  const [, atS, tookUs, args] = entry;
  const words = Array.isArray(args) ? args.map(String) : [];
  const command = (words[0] ?? '').toUpperCase();
  const at = new Date(Number(atS) * 1_000).toISOString();
  return [
    { at, tookMs: Number(tookUs) / 1_000, command, key: keyOf(command, words)?.slice(0, MOST_KEY_CHARACTERS) ?? null },
  ];
}

/**
 * In EVAL calls the keys follow the script's hash or text and their number. Whoever knows the id of a cart or a checkout
 * can reach it, so ids are left out of all but cached entries.
 */
function keyOf(command: string, words: readonly string[]): string | undefined {
  const key = command.startsWith('EVAL') ? words[3] : words[1];
  if (key === undefined || !/^(op|app|ses):/.test(key)) return undefined;
  return key.startsWith('app:') ? key : key.replaceAll(/[\w-]{16,}/g, '…');
}

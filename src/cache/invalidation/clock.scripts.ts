// Typed wrappers of the Lua scripts of the logical clock and of the stream of invalidations.
import { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

const clockScript = defineLua({
  name: 'cache-clock',
  keys: ['clock', 'tagStamps', 'invalidations'],
  args: ['newLineage', 'seenLineage', 'seenStamp'],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK'), z.string(), z.coerce.number(), z.coerce.number(), z.string()])
    .transform(([, lineage, stamp, floor, lastMessageId]) => ({ lineage, stamp, floor, lastMessageId })),
});

const lookScript = defineLua({
  name: 'cache-look',
  keys: ['clock'],
  args: [],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK'), z.string(), z.coerce.number(), z.coerce.number()])
    .transform(([, lineage, stamp, floor]) => ({ lineage, stamp, floor })),
});

const publishScript = defineLua({
  name: 'cache-publish',
  keys: ['clock', 'tagStamps', 'invalidations'],
  args: ['newLineage', 'source', 'message', 'streamLength', 'markerLifeMs', 'maxMarkers', 'tags...'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK'), z.string(), z.number()]).transform(([, lineage, stamp]) => ({ lineage, stamp })),
});

const space = [
  keyspace.application.clock(),
  keyspace.application.tagStamps(),
  keyspace.application.invalidations(),
] as const;

/** Reads the clock; `lineage` is empty when there is none or it began on another server. */
export function lookAtClock(client: RedisClient): Promise<Pick<ClockState, 'lineage' | 'stamp' | 'floor'>> {
  return runLua(client, lookScript, [keyspace.application.clock()], []);
}

export interface ClockState {
  readonly lineage: string;
  readonly stamp: number;
  readonly floor: number;
  readonly lastMessageId: string;
}

/** Reads the clock; begins a new lineage when the space has lost anything, also by what the caller has seen of it. */
export function openClock(
  client: RedisClient,
  newLineage: string,
  seen: { readonly lineage: string; readonly stamp: number },
): Promise<ClockState> {
  return runLua(client, clockScript, space, [newLineage, seen.lineage, Math.floor(seen.stamp)]);
}

export interface Publication {
  readonly newLineage: string;
  readonly source: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly streamLength: number;
  readonly markerLifeMs: number;
  readonly maxMarkers: number;
}

/** Stamps the tags and tells every process. */
export function publishInvalidation(
  client: RedisClient,
  what: Publication,
): Promise<{ lineage: string; stamp: number }> {
  return runLua(client, publishScript, space, [
    what.newLineage,
    what.source,
    what.message,
    what.streamLength,
    what.markerLifeMs,
    what.maxMarkers,
    ...what.tags,
  ]);
}

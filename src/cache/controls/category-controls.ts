/** What an operator may change of a category while the shop runs. */
export interface CategoryControls {
  /** The memory tier is used. */
  readonly memory: boolean;
  /** The redis tier is used. Invalidations reach it all the same, so it can be switched on again at any time. */
  readonly redis: boolean;
  /** How much longer than its stale and fail-safe times a document is served (ms); never an invalidated one. */
  readonly serveStaleMs: number;
  /** Share of the loads that are written to redis, 0 to 1, drawn for each: keys that are read often get there anyway. */
  readonly redisWriteShare: number;
}

/** What is to change; the rest stays. */
export type ControlsChange = { readonly [Name in keyof CategoryControls]?: CategoryControls[Name] | undefined };

/** The controls as the engine reads them: one object for each category, changed in place, so a read needs no lookup. */
export type ControlsInForce = { -readonly [Name in keyof CategoryControls]: CategoryControls[Name] };

export const defaultControls: CategoryControls = { memory: true, redis: true, serveStaleMs: 0, redisWriteShare: 1 };

/** The longest `serveStaleMs` (ms): a day. */
export const MAX_SERVE_STALE_MS = 86_400_000;

export function sameControls(a: CategoryControls, b: CategoryControls): boolean {
  return (
    a.memory === b.memory &&
    a.redis === b.redis &&
    a.serveStaleMs === b.serveStaleMs &&
    a.redisWriteShare === b.redisWriteShare
  );
}

/** Whether this load is one of the share that is written to redis. */
export function drawsRedisWrite({ redisWriteShare }: CategoryControls): boolean {
  return redisWriteShare >= 1 || Math.random() < redisWriteShare;
}

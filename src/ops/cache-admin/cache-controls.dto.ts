import { z } from 'zod';
import { MAX_SERVE_STALE_MS } from '../../cache/index.js';
import { categoryName } from './cache-admin.dto.js';

const switches = {
  memory: z.boolean().describe('Keep and use copies in the memory of the processes.'),
  redis: z.boolean().describe('Read and write redis. Invalidations reach it all the same.'),
  serveStaleMs: z
    .int()
    .min(0)
    .max(MAX_SERVE_STALE_MS)
    .describe('Serve documents for so long beyond their stale time; never an invalidated one.'),
  redisWriteShare: z.number().min(0).max(1).describe('Share of the loads that are written to redis.'),
};

export const controlsRequest = z
  .strictObject({ category: categoryName, ...z.object(switches).partial().shape })
  .refine(({ category: _, ...change }) => Object.keys(change).length > 0, {
    path: ['memory'],
    message: 'say what to change: memory, redis, serveStaleMs or redisWriteShare',
  })
  .meta({ id: 'CacheControlsChange', example: { category: 'product', redis: false } });
export type ControlsRequest = z.infer<typeof controlsRequest>;

export const categoryControls = z
  .object({ ...switches, changedAt: z.iso.datetime().nullable() })
  .meta({ id: 'CategoryControls' });

export const controlsAnswer = z.object({
  appliedWithinMs: z.int().describe('How long the other processes may take to follow a change.'),
  categories: z.record(z.string(), categoryControls),
});

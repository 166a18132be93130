import { z } from 'zod';
import { type CategoryName, cachePolicy } from '../../cache/index.js';

export const categoryName = z.enum(Object.keys(cachePolicy) as [CategoryName, ...CategoryName[]]);
const key = z.string().min(1).max(500);
const counted = z.int().min(0);

export const invalidateRequest = z
  .strictObject({
    category: categoryName.optional(),
    keys: z.array(key).min(1).max(500).optional().describe('Keys of `category`.'),
    tags: z.array(key).min(1).max(500).optional(),
    all: z.literal(true).optional(),
  })
  .refine((request) => Object.keys(request).length > 0, {
    path: ['all'],
    message: 'say what: keys, tags, category or all',
  })
  .refine((request) => !request.keys || request.category, { path: ['category'], message: 'is required with keys' })
  .meta({ id: 'CacheInvalidation', example: { tags: ['products'] } });
export type InvalidateRequest = z.infer<typeof invalidateRequest>;

export const invalidateAnswer = z.object({
  memoryEntries: counted,
  redisEntries: counted,
  published: z.boolean().describe('False when redis is out: other processes will be told when it is back.'),
});

export const warmRequest = z
  .strictObject({ category: z.string().min(1).max(50), top: z.int().min(1).max(1_000_000).optional() })
  .meta({ id: 'CacheWarmUp', example: { category: 'product', top: 1000 } });
export type WarmRequest = z.infer<typeof warmRequest>;

export const warmJob = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    done: counted,
    failed: counted,
    total: counted.nullable(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'WarmJob' });
export const warmJobParams = z.strictObject({ id: z.uuid() });

export const entryQuery = z.strictObject({ category: categoryName, key });
const tier = z.looseObject({ state: z.enum(['present', 'absent', 'void', 'unreadable', 'down']) });
export const entryAnswer = z.object({ category: z.string(), key: z.string(), memory: tier, redis: tier });

export const policyAnswer = z.object({ categories: z.record(z.string(), z.looseObject({ reason: z.string() })) });

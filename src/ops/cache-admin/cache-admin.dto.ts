import { z } from 'zod';
import { type CategoryName, cachePolicy, WARM_SOURCES } from '../../cache/index.js';
import { plainText } from '../../platform/http/plain-text.js';

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
  .refine((request) => !request.all || Object.keys(request).length === 1, {
    path: ['all'],
    message: 'goes alone: what else is named would be part of it',
  })
  .refine((request) => !request.keys || request.category, { path: ['category'], message: 'is required with keys' })
  .meta({ id: 'CacheInvalidation', example: { tags: ['catalog:all'] } });
export type InvalidateRequest = z.infer<typeof invalidateRequest>;

export const invalidateAnswer = z.object({
  memoryEntries: counted.describe('Copies that this process dropped.'),
  redisEntries: counted.describe(
    'Entries deleted by their keys; what tags, categories and `all` make void stays there, unread.',
  ),
  published: z.boolean().describe('False when redis is out: other processes will be told when it is back.'),
});

export const warmRequest = z
  .strictObject({
    category: categoryName,
    source: z
      .enum(WARM_SOURCES)
      .optional()
      .describe(
        '`list`: what the shop suggests, or `keys`; `popular`: what was read most; `predicted`: what is read at the next hour on other days; `expiring`: popular keys that will soon be loaded anyway.',
      ),
    top: z.int().min(1).max(20_000).optional().describe('At most so many keys, the most wanted first.'),
    keys: z.array(plainText(1, 500)).min(1).max(500).optional(),
  })
  .refine(({ keys, source = 'list', top }) => !keys || (source === 'list' && top === undefined), {
    path: ['keys'],
    message: 'go with the source "list" and without top',
  })
  .meta({ id: 'CacheWarmUp', example: { category: 'product', top: 1000 } });
export type WarmBody = z.infer<typeof warmRequest>;

export const warmJob = z
  .object({
    id: z.string(),
    name: z.string().describe('The category.'),
    source: z.enum(WARM_SOURCES),
    state: z.enum(['running', 'done', 'failed']),
    done: counted,
    failed: counted,
    total: counted,
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'WarmJob' });
export const warmJobs = z.object({ items: z.array(warmJob) });
export const warmJobParams = z.strictObject({ id: z.uuid() });

export const entryQuery = z.strictObject({ category: categoryName, key });
const tier = z.looseObject({ state: z.enum(['present', 'absent', 'void', 'unreadable', 'down']) });
export const entryAnswer = z.object({ category: z.string(), key: z.string(), memory: tier, redis: tier });

export const policyAnswer = z.object({ categories: z.record(z.string(), z.looseObject({ reason: z.string() })) });

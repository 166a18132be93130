import type { Tier } from '../../src/cache/tiers/cache-entry.ts';

/** The route of a product as bare servers have it. */
export const productRoute = '/v1/products/:id';

/** @param key id or handle */
export const productPath = (key: string): string => `/v1/products/${key}`;

/** What an answer must be that comes from this tier. */
export const answerFrom = (tier: Tier) => ({ status: 200, text: `detail=${tier}` });

import { z } from 'zod';
import { pageOf, pageQuery } from '../platform/http/page.js';
import { discountRule, discountRules } from './rule-set.js';

const MAX_VERSION = 2_147_483_647;

export const draftRequest = z.strictObject({
  discounts: discountRules,
  revision: z
    .int()
    .min(0)
    .max(MAX_VERSION)
    .optional()
    .describe('Refuse (409) unless the draft still has this revision.'),
});

export const draftResponse = z
  .object({
    revision: z.int().describe('Grows with every change of the draft.'),
    updatedAt: z.iso.datetime(),
    activeVersion: z.int().describe('The published version that is in force.'),
    discounts: z.array(discountRule),
  })
  .meta({ id: 'DiscountDraft' });

export const versionParam = z.strictObject({ version: z.coerce.number().int().min(0).max(MAX_VERSION) });
export const versionsQuery = z.strictObject(pageQuery);

export const activeVersionResponse = z
  .object({ version: z.int().describe('The version now in force.') })
  .meta({ id: 'ActiveDiscountVersion' });

const discountVersion = z
  .object({ version: z.int(), publishedAt: z.iso.datetime(), discountCount: z.int(), active: z.boolean() })
  .meta({ id: 'DiscountVersion', description: 'A published rule set. Version 0 has no discounts.' });
export const versionsResponse = pageOf(discountVersion);

export type DraftRequest = z.infer<typeof draftRequest>;
export type DraftResponse = z.infer<typeof draftResponse>;
export type DiscountVersion = z.infer<typeof discountVersion>;

// How requests name a level.
import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.js';
import type { VariantReference } from './stock-references.service.js';

export const variantReference = { variantId: z.uuid().optional(), sku: plainText(1, 255).optional() };

interface Named {
  readonly variantId?: string | undefined;
  readonly sku?: string | undefined;
}

export const isEither = ({ variantId, sku }: Named) => (variantId === undefined) !== (sku === undefined);
export const notEither = { path: ['variantId'], message: 'give either variantId or sku', when: isObject };

/** Runs the check even when a field is wrong, so that everything missing is reported at once. */
export function isObject({ value }: z.core.ParsePayload): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const location = plainText(1, 63).describe('Id or code of a location.');
export const optionalLocation = location.optional().describe('Id or code; the default location when absent.');

export const expectedVersion = z
  .int()
  .min(1)
  .optional()
  .describe('The version that was read: refused with `version_conflict` when the level has another one by now.');

/** The schema requires exactly one of the two. */
export function toVariantReference({ variantId, sku }: Named): VariantReference {
  return sku === undefined ? { variantId: variantId ?? '' } : { sku };
}

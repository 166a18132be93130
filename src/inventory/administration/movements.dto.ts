import { z } from 'zod';
import { pageQuery } from '../../platform/http/page.js';
import { isEither, notEither, optionalLocation, variantReference } from './level-reference.dto.js';
import type { Movement } from './stock-view.repository.js';

export const movement = z
  .object({
    kind: z.enum(['receipt', 'allocation', 'cancellation', 'correction', 'transfer']),
    quantity: z.int().describe('Units that came (+) or went (−).'),
    backordered: z.int().describe('Units that were owed (+) or served (−) by it.'),
    orderId: z.string().nullable(),
    reason: z.string().nullable(),
    levelVersion: z.int().describe('The version that the level has since.'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'StockMovement' });

export const movementsQuery = z
  .strictObject({ ...variantReference, location: optionalLocation, ...pageQuery })
  .refine(isEither, notEither);

/** The version made by the last movement of the previous page. */
export const movementCursor = z.tuple([z.int().min(1)]);

export type MovementsQuery = z.infer<typeof movementsQuery>;

export function toMovementAnswer(given: Movement): z.infer<typeof movement> {
  const { kind, quantity, backordered, orderId, reason, levelVersion, createdAt } = given;
  return { kind, quantity, backordered, orderId, reason, levelVersion, createdAt: createdAt.toISOString() };
}

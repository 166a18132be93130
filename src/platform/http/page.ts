// Cursor pages: a cursor is the sort position after the last item, opaque to clients.
import { z } from 'zod';
import { invalidField } from '../errors.js';

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many items, 1 to 100.'),
  cursor: z.string().min(1).max(500).optional().describe('The `nextCursor` of the page before.'),
};

/** The answer of every list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('`cursor` of the next page, null on the last.'),
  });

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws AppError `validation_failed` for `cursor` when it is not one of ours or belongs to another list. */
export function decodeCursor<T>(cursor: string, position: z.ZodType<T>): T {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    // Written by us, a position holds neither control characters nor numbers that PostgreSQL could not take.
    if (/\\u00[01]/i.test(text)) throw new Error('a control character');
    return position.parse(JSON.parse(text));
  } catch {
    throw invalidField('cursor', 'invalid_cursor', 'is not a cursor of this list; start again without it');
  }
}

/**
 * Cuts rows into a page. Ask the database for `limit + 1` rows: the one too many tells that there is a next page.
 */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  toItem: (row: R) => T,
  positionOf: (row: R) => readonly (string | number)[],
): Page<T> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(toItem), nextCursor: rows.length > limit && last ? encodeCursor(positionOf(last)) : null };
}

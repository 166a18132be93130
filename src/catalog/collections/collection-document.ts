import { z } from 'zod';
import { compositeKey, parseCompositeKey } from '../../cache/cache-key.js';
import { decodeCursor, toPage } from '../../platform/http/page.js';
import {
  type CollectionDocument,
  type CollectionListQuery,
  type CollectionPage,
  collectionCursor,
} from './collection.dto.js';
import type { CollectionRow } from './collection.repository.js';

/** A stored collection as clients get it. */
export function toCollectionDocument(row: CollectionRow): CollectionDocument {
  return {
    id: row.id,
    handle: row.handle,
    title: row.title,
    descriptionHtml: row.descriptionHtml,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Rows (one more than the page holds) as the page that clients get. */
export function toCollectionPage(
  rows: readonly { collection: CollectionRow; sortValue: string }[],
  limit: number,
): CollectionPage {
  const page = toPage(
    rows,
    limit,
    (row) => toCollectionDocument(row.collection),
    (row) => [row.sortValue, row.collection.id],
  );
  return { items: [...page.items], nextCursor: page.nextCursor };
}

/** @throws AppError `validation_failed` when the cursor is not one of this list. */
export function toCollectionListKey({ limit, cursor }: CollectionListQuery): string {
  if (cursor !== undefined) decodeCursor(cursor, collectionCursor);
  return compositeKey({ limit, cursor });
}

const listKey = z.strictObject({ limit: z.coerce.number(), cursor: z.string().optional() });

export function fromCollectionListKey(key: string) {
  const { limit, cursor } = listKey.parse(parseCompositeKey(key));
  return { limit, after: cursor === undefined ? undefined : decodeCursor(cursor, collectionCursor) };
}

import { toPage } from '../../platform/http/page.js';
import type { ProductPage, ProductSummary } from './product-list.dto.js';
import type { ProductListRow } from './product-list.repository.js';
import type { ProductListQuery } from './product-list-query.js';

/** Rows of a list (one more than the page holds) as the page that clients get. */
export function toProductPage(rows: readonly ProductListRow[], query: ProductListQuery): ProductPage {
  const page = toPage(
    rows,
    query.limit,
    (row) => toSummary(row, query.currency),
    (row) => [query.sort, row.sort_value, row.id],
  );
  return { items: [...page.items], nextCursor: page.nextCursor };
}

function toSummary(row: ProductListRow, currency: string): ProductSummary {
  return {
    id: row.id,
    handle: row.handle,
    title: row.title,
    vendor: row.vendor,
    type: row.type,
    tags: row.tags,
    image: row.image_url === null ? null : { url: row.image_url, alt: row.image_alt },
    priceRange:
      row.min_minor === null || row.max_minor === null
        ? null
        : { min: { amount: row.min_minor, currency }, max: { amount: row.max_minor, currency } },
    createdAt: row.created_at,
  };
}

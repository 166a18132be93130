import { Inject, Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { decodeCursor } from '../../platform/http/page.js';
import { cursorOf, type ProductListQuery, type ProductSort } from './product-list-query.js';

export interface ProductListRow extends Record<string, unknown> {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly vendor: string;
  readonly type: string;
  readonly tags: string[];
  readonly created_at: string;
  /** What the list is sorted by, as its cursor carries it. */
  readonly sort_value: string | number;
  readonly min_minor: number | null;
  readonly max_minor: number | null;
  readonly image_url: string | null;
  readonly image_alt: string | null;
}

const isoInstant = (column: SQL) => sql`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** By sort: the column, its direction, how a cursor writes it, and the type a cursor's text is read as. */
const orders: Record<ProductSort, { by: SQL; descending: boolean; written: SQL; type: SQL }> = {
  position: { by: sql`m.position`, descending: false, written: sql`to_jsonb(sort_by)`, type: sql`integer` },
  newest: {
    by: sql`p.created_at`,
    descending: true,
    written: sql`to_jsonb(${isoInstant(sql`sort_by`)})`,
    type: sql`timestamptz`,
  },
  price: { by: sql`r.min_minor`, descending: false, written: sql`to_jsonb(sort_by)`, type: sql`bigint` },
  '-price': { by: sql`r.min_minor`, descending: true, written: sql`to_jsonb(sort_by)`, type: sql`bigint` },
  title: {
    by: sql`left(lower(p.title), 64) COLLATE "C"`,
    descending: false,
    written: sql`to_jsonb(sort_by)`,
    type: sql`text`,
  },
};

@Injectable()
export class ProductListRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The page after the cursor and one row more, which tells whether another page follows. */
  async find(query: ProductListQuery): Promise<ProductListRow[]> {
    const order = orders[query.sort];
    const direction = order.descending ? sql`DESC` : sql`ASC`;
    const { rows } = await this.database.orm.execute<ProductListRow>(sql`
      SELECT p.id, p.handle, p.title, p.vendor, p.type, p.tags, ${isoInstant(sql`p.created_at`)} AS created_at,
             ${order.written} AS sort_value, page.min_minor::float8 AS min_minor, page.max_minor::float8 AS max_minor,
             image.url AS image_url, image.alt AS image_alt
      FROM (
        SELECT p.id, ${order.by} AS sort_by, r.min_minor, r.max_minor
        FROM products p ${membership(query)} ${prices(query)}
        WHERE ${sql.join(conditions(query), sql` AND `)}
        ORDER BY ${order.by} ${direction}, p.id ${direction}
        LIMIT ${query.limit + 1}
      ) AS page
      JOIN products p ON p.id = page.id
      LEFT JOIN LATERAL (
        SELECT url, alt FROM product_images i WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
      ) AS image ON true
      ORDER BY page.sort_by ${direction}, page.id ${direction}`);
    return rows;
  }
}

function membership({ collectionId }: ProductListQuery): SQL {
  return collectionId === undefined
    ? sql``
    : sql`JOIN collection_products m ON m.product_id = p.id AND m.collection_id = ${collectionId}::uuid`;
}

/** A list that is sorted or bounded by price shows only what has a price in its currency. */
function prices(query: ProductListQuery): SQL {
  const needed = query.sort.endsWith('price') || query.minPrice !== undefined || query.maxPrice !== undefined;
  return sql`${needed ? sql`JOIN` : sql`LEFT JOIN`} product_price_ranges r
    ON r.product_id = p.id AND r.currency = ${query.currency}`;
}

function conditions(query: ProductListQuery): SQL[] {
  const found = [sql`p.status = 'published'`];
  if (query.q !== undefined) found.push(sql`p.search @@ websearch_to_tsquery('simple', ${query.q})`);
  if (query.tag !== undefined) found.push(sql`p.tags @> ARRAY[${query.tag}]::text[]`);
  if (query.vendor !== undefined) found.push(sql`p.vendor = ${query.vendor}`);
  if (query.type !== undefined) found.push(sql`p.type = ${query.type}`);
  if (query.minPrice !== undefined) found.push(sql`r.max_minor >= ${query.minPrice}::bigint`);
  if (query.maxPrice !== undefined) found.push(sql`r.min_minor <= ${query.maxPrice}::bigint`);
  if (query.cursor !== undefined) found.push(after(query.sort, query.cursor));
  return found;
}

function after(sort: ProductSort, cursor: string): SQL {
  const [, value, id] = decodeCursor(cursor, cursorOf(sort));
  const order = orders[sort];
  return sql`(${order.by}, p.id) ${order.descending ? sql`<` : sql`>`} (${value}::${order.type}, ${id}::uuid)`;
}

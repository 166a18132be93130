import { Inject, Injectable } from '@nestjs/common';
import { eq, type SQL, sql } from 'drizzle-orm';
import type { FoldedDocument, VersionedDocument } from '../../cache/index.js';
import { Database, type Executor, type Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import { carts, customerCarts } from './cart.schema.js';
import type { CartPointer } from './cart-document.js';
import { type CartDocument, cartDocument } from './cart-document.js';

// Carts are folded hundreds at a time: with one JSON text it is always the same statement, planned once.
const foldAll = new Statement<never>(
  'carts_fold',
  `INSERT INTO carts (id, version, customer_id, document)
   SELECT id, version, "customerId", document
   FROM json_to_recordset($1::json) AS r (id uuid, version bigint, "customerId" uuid, document jsonb) ORDER BY id
   ON CONFLICT (id) DO UPDATE
   SET version = excluded.version, customer_id = excluded.customer_id, document = excluded.document, updated_at = now()
   WHERE carts.version < excluded.version`,
);

/** Carts and the customers' pointers to them, as far as they were folded. */
@Injectable()
export class CartsRepository {
  private readonly cartById;
  private readonly pointerById;

  constructor(@Inject(Database) private readonly database: Database) {
    this.cartById = database.orm
      .select({ version: carts.version, document: carts.document })
      .from(carts)
      .where(eq(carts.id, sql.placeholder('id')))
      .prepare('carts_by_id');
    this.pointerById = database.orm
      .select({ version: customerCarts.version, cartId: customerCarts.cartId })
      .from(customerCarts)
      .where(eq(customerCarts.customerId, sql.placeholder('id')))
      .prepare('customer_carts_by_id');
  }

  async loadCart(id: string): Promise<VersionedDocument<CartDocument> | undefined> {
    const [row] = await this.cartById.execute({ id });
    return row && { version: row.version, document: cartDocument.parse(row.document) };
  }

  async foldCarts(batch: readonly FoldedDocument<CartDocument>[]): Promise<void> {
    await foldAll.rows(this.database.orm, [JSON.stringify(batch.map(toRow))]);
  }

  /** @returns whether the row had the expected version; 0: there was none */
  async replaceCart(tx: Tx, next: FoldedDocument<CartDocument>, expectedVersion: number): Promise<boolean> {
    const result = await tx
      .insert(carts)
      .values(toRow(next))
      .onConflictDoUpdate({
        target: carts.id,
        set: {
          version: sql`excluded.version`,
          customerId: sql`excluded.customer_id`,
          document: sql`excluded.document`,
          updatedAt: sql`now()`,
        },
        setWhere: eq(carts.version, expectedVersion),
      });
    return result.rowCount === 1;
  }

  /** Deletes carts of guests that nobody touched for long. @returns how many; at most `limit`. */
  async purgeGuestCarts(untouchedForS: number, limit = 2_000): Promise<number> {
    const result = await this.database.orm.execute(sql`
      DELETE FROM carts WHERE id IN (
        SELECT id FROM carts
        WHERE updated_at < now() - ${untouchedForS} * interval '1 second' AND customer_id IS NULL
        ORDER BY updated_at LIMIT ${limit})`);
    return result.rowCount ?? 0;
  }

  async loadPointer(customerId: string): Promise<VersionedDocument<CartPointer> | undefined> {
    const [row] = await this.pointerById.execute({ id: customerId });
    return row && { version: row.version, document: { cartId: row.cartId } };
  }

  async foldPointers(batch: readonly FoldedDocument<CartPointer>[]): Promise<void> {
    await this.writePointers(this.database.orm, batch, sql`${customerCarts.version} < excluded.version`);
  }

  /** @returns whether the row had the expected version; 0: there was none */
  async replacePointer(tx: Tx, next: FoldedDocument<CartPointer>, expectedVersion: number): Promise<boolean> {
    return (await this.writePointers(tx, [next], eq(customerCarts.version, expectedVersion))) === 1;
  }

  private async writePointers(executor: Executor, batch: readonly FoldedDocument<CartPointer>[], when: SQL) {
    const rows = inOneOrder(batch).map(({ id, version, document }) => ({
      customerId: id,
      version,
      cartId: document.cartId,
    }));
    const result = await executor
      .insert(customerCarts)
      .values(rows)
      .onConflictDoUpdate({
        target: customerCarts.customerId,
        set: { version: sql`excluded.version`, cartId: sql`excluded.cart_id`, updatedAt: sql`now()` },
        setWhere: when,
      });
    return result.rowCount;
  }
}

const toRow = ({ id, version, document }: FoldedDocument<CartDocument>) => ({
  id,
  version,
  document,
  customerId: document.customerId ?? null,
});

/** Two workers that fold the same rows lock them in one order. A batch names each document once. */
function inOneOrder<T>(batch: readonly FoldedDocument<T>[]): FoldedDocument<T>[] {
  return [...batch].sort((a, b) => (a.id < b.id ? -1 : 1));
}

import { Inject, Injectable } from '@nestjs/common';
import { Database, type Executor, type Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';

interface BoughtRow {
  readonly customer_id: string;
  readonly variant_id: string;
  readonly units: number;
}

const lockCustomers = new Statement<{ locked: number }>(
  'purchases_lock',
  `SELECT count(pg_advisory_xact_lock(hashtextextended('purchases:' || id, 0)))::int AS locked
   FROM (SELECT DISTINCT id FROM unnest($1::text[]) AS c (id) ORDER BY id) customers`,
);

const boughtBefore = new Statement<BoughtRow>(
  'purchases_before',
  `SELECT o.customer_id, l.variant_id, sum(l.quantity)::int AS units
   FROM orders o JOIN order_lines l ON l.order_id = o.id
   WHERE o.customer_id = ANY ($1::uuid[]) AND l.variant_id = ANY ($2::uuid[]) AND o.state <> 'cancelled'
   GROUP BY o.customer_id, l.variant_id`,
);

/** How many units of a variant customers have bought; orders that were cancelled do not count. */
@Injectable()
export class PurchasesRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Lets one transaction at a time place orders of a customer; the locks are taken in one order. */
  async lock(tx: Tx, customerIds: readonly string[]): Promise<void> {
    await lockCustomers.rows(tx, [customerIds]);
  }

  async unitsOf(
    customerIds: readonly string[],
    variantIds: readonly string[],
    executor: Executor = this.database.orm,
  ): Promise<{ customerId: string; variantId: string; units: number }[]> {
    const rows = await boughtBefore.rows(executor, [customerIds, variantIds]);
    return rows.map((row) => ({ customerId: row.customer_id, variantId: row.variant_id, units: row.units }));
  }
}

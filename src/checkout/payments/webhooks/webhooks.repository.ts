import { Inject, Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { Database } from '../../../platform/database/database.js';
import { paymentWebhooks } from './webhooks.schema.js';

export interface ReceivedWebhook {
  readonly provider: string;
  readonly eventId: string;
  readonly paymentKey: string | null;
}

/** Webhooks of payment providers, by the id of their event. */
@Injectable()
export class WebhooksRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Records a webhook that has come. @returns whether it still has to be carried out */
  async record(webhook: ReceivedWebhook): Promise<boolean> {
    await this.database.orm.insert(paymentWebhooks).values(webhook).onConflictDoNothing();
    const [row] = await this.database.orm.select().from(paymentWebhooks).where(isEvent(webhook));
    return row?.processedAt === null;
  }

  async markProcessed(webhook: ReceivedWebhook): Promise<void> {
    await this.database.orm.update(paymentWebhooks).set({ processedAt: sql`now()` }).where(isEvent(webhook));
  }

  /** Forgets webhooks received longer ago. @returns how many; at most `limit` */
  async purge(olderThanDays: number, limit = 2_000): Promise<number> {
    const result = await this.database.orm.execute(sql`
      DELETE FROM payment_webhooks WHERE (provider, event_id) IN (
        SELECT provider, event_id FROM payment_webhooks
        WHERE received_at < now() - ${olderThanDays} * interval '1 day' ORDER BY received_at LIMIT ${limit})`);
    return result.rowCount ?? 0;
  }
}

function isEvent({ provider, eventId }: ReceivedWebhook) {
  return and(eq(paymentWebhooks.provider, provider), eq(paymentWebhooks.eventId, eventId));
}

// Notes what the provider reports of captured money: refunds that were made there, refunds that the bank sent back,
// disputes. Each report is compared with what is known here, so it may be noted any number of times.
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../../platform/database/database.js';
import { newId } from '../../../platform/ids.js';
import { appendToOutbox } from '../../../platform/outbox/outbox.js';
import { OrderChangesRepository, type OrderFacts } from '../../orders/changes/order-changes.repository.js';
import { type Attempt, isCaptured } from '../attempt.js';
import { AttemptsRepository } from '../attempts.repository.js';
import type { ProviderDispute, ProviderRefund, SinceCapture } from '../payment-provider.js';
import { RefundsRepository } from '../refunds/refunds.repository.js';
import { DisputesRepository } from './disputes.repository.js';

@Injectable()
export class NoteSinceCapture {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrderChangesRepository) private readonly changes: OrderChangesRepository,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(RefundsRepository) private readonly refunds: RefundsRepository,
    @Inject(DisputesRepository) private readonly disputes: DisputesRepository,
  ) {}

  /** Notes the report with its order, and puts the payment into review when a person has to know. */
  async note({ orderId }: Attempt, since: SinceCapture): Promise<void> {
    await this.database.transaction(async (tx) => {
      const facts = await this.changes.lock(tx, orderId);
      if (!facts || !isCaptured(facts.attempt)) return;
      const { attempt } = facts;
      const failed = await this.noteRefunds(tx, facts, since.refunds);
      const disputed = await this.disputes.note(tx, attempt.id, since.disputes);
      const news = [...failed, ...disputed.flatMap(toNews)];
      if (news.length === 0) return;
      const before = attempt.state === 'review' && attempt.review ? [attempt.review.reason] : [];
      const review = { of: 'captured', reason: [...before, ...news].join(' ') } as const;
      await this.attempts.move(tx, attempt, ['captured', 'review'], { state: 'review', review });
    });
  }

  /** @returns what a person has to know */
  private async noteRefunds(tx: Tx, facts: OrderFacts, refunds: readonly ProviderRefund[]): Promise<string[]> {
    const { attempt } = facts;
    const known = await this.refunds.ofAttempt(tx, attempt.id);
    const news: string[] = [];
    for (const refund of refunds) {
      const { reference, refundKey, amountMinor, outcome } = refund;
      const mine = known.find((row) => row.refundKey === refundKey || row.providerReference === reference);
      if (!mine) await this.addRefund(tx, facts, refund);
      if (!mine || mine.state === 'refused' || outcome.kind !== 'refused') continue;
      await this.refunds.refuse(tx, mine, outcome.reason);
      news.push(`A refund of ${amountMinor} (minor units of ${attempt.currency}) came back: ${outcome.reason}`);
    }
    return news;
  }

  /** Also a refund that the bank has sent back: an older report of it, noted later, is then not counted. */
  private async addRefund(
    tx: Tx,
    { order, attempt }: OrderFacts,
    { reference, amountMinor, outcome }: ProviderRefund,
  ): Promise<void> {
    const id = newId();
    await this.refunds.insertMade(tx, {
      attemptId: attempt.id,
      refundKey: id,
      amountMinor,
      providerReference: reference,
      state: outcome.kind,
      reason: outcome.kind === 'refused' ? outcome.reason : null,
    });
    await this.changes.insertRefund(tx, {
      id,
      orderId: order.id,
      attemptId: attempt.id,
      lines: [],
      shippingMinor: 0,
      extraMinor: amountMinor,
      amountMinor,
      reason: `Made at ${attempt.provider}: ${reference}`,
      restocked: false,
    });
    if (outcome.kind === 'refused') return;
    await appendToOutbox(tx, [{ event: 'order.refunded', payload: { orderId: order.id, refundId: id } }]);
  }
}

function toNews({ state, reason, reference }: ProviderDispute): string[] {
  const what = `${reference}${reason ? `, ${reason}` : ''}`;
  switch (state) {
    case 'inquiry':
      return [`The customer's bank asks about the payment (${what}). Answer at the provider.`];
    case 'open':
      return [`The customer's bank disputes the payment (${what}). Answer at the provider.`];
    case 'lost':
      return [`A dispute of the payment is lost (${what}).`];
    case 'won':
    case 'closed':
      return [];
  }
}

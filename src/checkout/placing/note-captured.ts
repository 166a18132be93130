import { Inject, Injectable } from '@nestjs/common';
import { SharedStatement } from '../../platform/database/shared-statement.js';
import type { Attempt } from '../payments/attempt.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { CapturesRepository } from './captures.repository.js';
import { NoteCapturedAlone } from './note-captured-alone.js';

/** Writes that the money of placed orders has been taken: attempt, order and session of each, all of it or nothing. */
@Injectable()
export class NoteCaptured {
  private readonly notes;

  constructor(
    @Inject(CapturesRepository) captures: CapturesRepository,
    @Inject(NoteCapturedAlone) alone: NoteCapturedAlone,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
  ) {
    this.notes = new SharedStatement<Attempt, CheckoutSession | null>(
      async (items) => {
        const noted = await captures.note(items);
        return items.map(({ id }) => noted.get(id));
      },
      (attempt) => alone.note(attempt),
    );
  }

  /** @returns whether it was written now; the copy of its session is written then */
  async note(attempt: Attempt): Promise<boolean> {
    const session = await this.notes.run(attempt);
    if (session) await this.sessions.publishCopy(session);
    return session !== null;
  }
}

// Notes for many attempts in one statement that their payments are authorized. An attempt that is locked, or whose fence
// this worker no longer has, is left to a statement of its own, which waits and decides.
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { SharedStatement } from '../../platform/database/shared-statement.js';
import { Statement } from '../../platform/database/statement.js';
import { sqlMove } from '../moves.js';
import type { Attempt } from './attempt.js';
import { type AttemptState, mayAttemptMove } from './attempt-states.js';
import { AttemptsRepository } from './attempts.repository.js';

interface Authorization {
  readonly attempt: Pick<Attempt, 'id' | 'fence'>;
  readonly providerReference: string;
}

const AUTHORIZABLE: readonly AttemptState[] = ['paying', 'authorized'];
const authorize = sqlMove(mayAttemptMove, AUTHORIZABLE, 'authorized');

const noteAll = new Statement<{ id: string }>(
  'payment_attempts_authorize',
  `WITH locked AS MATERIALIZED (
     SELECT a.id, w.reference FROM unnest($1::uuid[], $2::int[], $3::text[]) AS w (id, fence, reference)
     CROSS JOIN LATERAL (
       SELECT p.id, p.fence, p.state FROM payment_attempts p WHERE p.id = w.id FOR UPDATE SKIP LOCKED
     ) a WHERE a.fence = w.fence AND a.state IN (${authorize.from})
   )
   UPDATE payment_attempts a SET state = ${authorize.to}, provider_reference = locked.reference, updated_at = now()
   FROM locked WHERE a.id = locked.id RETURNING a.id`,
);

@Injectable()
export class Authorizations {
  private readonly notes;

  constructor(@Inject(Database) database: Database, @Inject(AttemptsRepository) attempts: AttemptsRepository) {
    this.notes = new SharedStatement<Authorization, boolean>(
      async (items) => {
        const rows = await noteAll.rows(database.orm, [
          items.map(({ attempt }) => attempt.id),
          items.map(({ attempt }) => attempt.fence),
          items.map(({ providerReference }) => providerReference),
        ]);
        const noted = new Set(rows.map(({ id }) => id));
        return items.map(({ attempt }) => noted.has(attempt.id) || undefined);
      },
      ({ attempt, providerReference }) =>
        attempts.move(undefined, attempt, AUTHORIZABLE, { state: 'authorized', providerReference }),
    );
  }

  /** @returns false when another worker has taken the attempt over */
  note(attempt: Pick<Attempt, 'id' | 'fence'>, providerReference: string): Promise<boolean> {
    return this.notes.run({ attempt, providerReference });
  }
}

// Repeated requests get the answer of the first. The answer is stored after the work, not with it: a process that dies in
// between leaves a claim that nobody renews; another request takes it over after a while and does the work again. Work that
// must not happen twice even then (a payment, a change of stock) writes its key in its own transaction instead.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { newId } from '../ids.js';
import { LOGGER, orWarn } from '../logging.js';
import { claimOf } from './claim-of-request.js';
import { answerOf } from './earlier-answer.js';
import { IdempotencyRepository } from './idempotency.repository.js';

/** How long a claim lasts after its request last gave a sign of life. */
const TAKE_OVER_AFTER_S = 20;
/** Work may take longer than that: statements wait for locks, for as long as the settings let them. */
const RENEW_EVERY_MS = 6_000;
const CREATED = 201;

/** For routes that create something and answer 201. A function and no interceptor: those cost a hot route 10 µs each. */
@Injectable()
export class OncePerKey {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(IdempotencyRepository) private readonly repository: IdempotencyRepository,
  ) {}

  /**
   * Carries out the work of requests with the same `Idempotency-Key` once. List `idempotency_key_reused` and
   * `request_in_progress` in the route's `@Endpoint`.
   * @param guestsOwn the field of the body by which guests are told apart: the id of something that only one of them
   *   knows. Where they own nothing yet their key has to be a long one.
   * @returns what the work gives, or gave the first time
   * @throws AppError `validation_failed`, `idempotency_key_reused`, `request_in_progress`, or what the work throws
   */
  async run<T extends object>(request: FastifyRequest, work: () => Promise<T>, guestsOwn?: string): Promise<T> {
    const claim = claimOf(request, guestsOwn);
    if (claim === undefined) return work();
    const owner = newId();
    const claimed = await this.repository.claimOrTakeOver(claim, owner, TAKE_OVER_AFTER_S);
    // The stored body is what the work of the route gave.
    if (claimed.kind !== 'claimed') return answerOf(claimed).body as T;
    const renewing = setInterval(() => void this.noted(this.repository.renew(claim, owner)), RENEW_EVERY_MS);
    try {
      const body = await work();
      await this.noted(this.repository.answer(undefined, claim, { status: CREATED, body }));
      return body;
    } catch (error) {
      // Nothing was done: the same key may be used for the corrected request.
      await this.noted(this.repository.release(claim, owner));
      throw error;
    } finally {
      clearInterval(renewing);
    }
  }

  /** The work is done or refused: a failure to note that must not replace its answer. */
  private noted(note: Promise<void>): Promise<void> {
    return orWarn(this.logger, note, 'what became of a request could not be noted');
  }
}

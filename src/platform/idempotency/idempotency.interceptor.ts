// Repeated requests get the answer of the first. The answer is stored after the work, not with it: a process that dies
// in between leaves a claim that another request takes over after a while, and the work is done again. What must not
// happen twice even then (a payment, a change of stock) writes its key in the transaction of the work instead.
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { catchError, mergeMap, type Observable, of } from 'rxjs';
import { newId } from '../ids.js';
import { LOGGER } from '../logging.js';
import { claimOf } from './claim-of-request.js';
import { answerOf } from './earlier-answer.js';
import { GuestsOwn } from './guests-own.decorator.js';
import { IdempotencyRepository } from './idempotency.repository.js';

/** Longer than a request may take: a statement is ended after 15 seconds unless the shop is told otherwise. */
const TAKE_OVER_AFTER_S = 20;

@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(IdempotencyRepository) private readonly repository: IdempotencyRepository,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const claim = claimOf(request, this.reflector.get(GuestsOwn, context.getHandler()));
    if (claim === undefined) return next.handle();
    const owner = newId();
    const claimed = await this.repository.claimOrTakeOver(claim, owner, TAKE_OVER_AFTER_S);
    if (claimed.kind !== 'claimed') return of(answerOf(claimed).body);
    const { statusCode } = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      // Nothing was done: the same key may be used for the corrected request.
      catchError(async (error: unknown) => {
        await this.orWarn(this.repository.release(claim, owner));
        throw error;
      }),
      mergeMap(async (body: unknown) => {
        await this.orWarn(this.repository.answer(undefined, claim, { status: statusCode, body }));
        return body;
      }),
    );
  }

  /** The work is done or refused: its answer is worth more than the memory of it. */
  private async orWarn(note: Promise<void>): Promise<void> {
    await note.catch((error: unknown) => this.logger.warn({ err: error }, 'the end of a request could not be noted'));
  }
}

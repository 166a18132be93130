import type { FastifyReply } from 'fastify';
import type { StoredAnswer } from '../idempotency/idempotency.repository.js';
import { PROBLEM_TYPE } from './problem.js';

/** Sends an answer that may have been given before, byte for byte the same each time. */
export function sendStoredAnswer(reply: FastifyReply, { status, body }: StoredAnswer): void {
  const type = status >= 400 ? PROBLEM_TYPE : 'application/json; charset=utf-8';
  void reply
    .code(status)
    .header('content-type', type)
    .header('cache-control', 'private, no-store')
    .send(JSON.stringify(body));
}

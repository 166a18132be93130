import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Loose } from '../../support/shopper.js';

/** Answers after which the same request may be sent again: nothing is known yet. */
const UNDECIDED = new Set(['checkout_in_progress', 'request_in_progress', 'unavailable', 'internal_error']);
/** The shop may be away for most of it: it is ended again and again, and a busy machine starts it slowly. */
const GIVE_UP_AFTER_MS = 100_000;
const REQUEST_TIMEOUT_MS = 2_000;
const PAUSE_MS = 100;

/** A client that sends a request again, with the same Idempotency-Key if it has one, until it knows what became of it. */
export class PatientClient {
  /**
   * @param url where the shop serves now
   * @param closing ends the patience: nobody waits for an outcome any more
   */
  constructor(
    private readonly url: () => string,
    private readonly closing: AbortSignal,
  ) {}

  async send(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      const answer = await this.once(method, path, body, key);
      if (answer && !UNDECIDED.has(answer.body?.code)) return answer;
      if (Date.now() > giveUpAt) throw new Error(`${method} ${path} has no outcome: ${JSON.stringify(answer?.body)}`);
      await sleep(PAUSE_MS, undefined, { signal: this.closing });
    }
  }

  private async once(
    method: string,
    path: string,
    body: unknown,
    key: string | undefined,
  ): Promise<Answer | undefined> {
    try {
      const response = await fetch(new URL(path, this.url()), {
        method,
        headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as Loose };
    } catch {
      return undefined;
    }
  }
}

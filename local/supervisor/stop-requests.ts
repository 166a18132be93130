/**
 * One Ctrl-C arrives several times: from the terminal, which signals the whole group, and handed on by npm and by the
 * launcher. What comes this close together is one request.
 */
const sameRequestMs = 500;

/** Requests to stop: Ctrl-C, `kill`, a closed terminal, or the death of the launcher that holds the other end of the channel. */
export class StopRequests {
  readonly #first = Promise.withResolvers<void>();
  readonly #onRequest: (count: number) => void;
  #count = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param onRequest called for each request, with its number from 1 */
  constructor(onRequest: (count: number) => void) {
    this.#onRequest = onRequest;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.request(Date.now()));
    process.once('disconnect', () => this.request(Date.now()));
    process.channel?.unref();
    // With the terminal gone there is nobody to tell, which must not keep anything from being stopped.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  }

  /** Resolves at the first request. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  request(nowMs: number): void {
    const isSame = nowMs - this.#lastMs < sameRequestMs;
    if (isSame) return;
    this.#lastMs = nowMs;
    this.#count++;
    this.#first.resolve();
    this.#onRequest(this.#count);
  }
}

import { RequestCount } from './request-count.ts';

/** Requests to stop: Ctrl-C, `kill`, a closed terminal, or the death of the launcher at the other end of the channel. */
export class StopRequests {
  readonly #first = Promise.withResolvers<void>();
  readonly #onRequest: (count: number) => void;
  readonly #requests = new RequestCount();
  #count = 0;

  /** @param onRequest called for each request, with its number from 1 */
  constructor(onRequest: (count: number) => void) {
    this.#onRequest = onRequest;
    const handedOn = () => this.#request(this.#requests.handOn(Date.now()));
    process.on('SIGINT', () => this.#request(this.#requests.interrupt(Date.now())));
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, handedOn);
    process.once('disconnect', handedOn);
    process.on('message', (message) => {
      const { type } = message as { type?: unknown };
      if (type === 'interrupt') handedOn();
    });
    process.channel?.unref();
    // With the terminal gone, output fails, which must not keep anything from being stopped.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  }

  /** Resolves at the first request. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  #request(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#first.resolve();
    this.#onRequest(count);
  }
}

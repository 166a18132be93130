import { TemporaryPostgres } from '../../local/servers/temporary-postgres.ts';

/** A PostgreSQL for one test to stop and kill: all tests share the one of the run. Takes 0.6 s to start. */
export class TestPostgres {
  /** An empty database. */
  readonly url: string;
  readonly #postgres: TemporaryPostgres;

  constructor(postgres: TemporaryPostgres) {
    this.url = postgres.url();
    this.#postgres = postgres;
  }

  /** Starts it again after `stop` or `kill9`: same port, same data. */
  start(): Promise<void> {
    return this.#postgres.server.start();
  }

  stop(): Promise<void> {
    return this.#postgres.server.stop();
  }

  kill9(): Promise<void> {
    return this.#postgres.server.kill9();
  }

  /** Stops it for good and deletes its data; for `afterAll`. */
  remove(): Promise<void> {
    return this.#postgres.remove();
  }
}

export async function startPostgres(): Promise<TestPostgres> {
  return new TestPostgres(await TemporaryPostgres.start({ durable: false }));
}

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const pollMs = 10;

/** Waits until the background work that follows orders is done. */
export class ShopAtRest {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async connect(databaseUrl: string): Promise<ShopAtRest> {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    return new ShopAtRest(client);
  }

  async wait(): Promise<void> {
    for (;;) {
      const { rows } = await this.#client.query<{ busy: boolean }>('SELECT EXISTS (SELECT FROM outbox) AS busy');
      if (!rows[0]?.busy) return;
      await sleep(pollMs);
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

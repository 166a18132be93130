// The truth of these tests: rows of a real PostgreSQL, read by a function that counts itself in the server, so that the
// counts hold for all processes together.
import pg from 'pg';

export interface Item {
  readonly id: string;
  readonly version: number;
}

/** Rows are read first and given later, by half to one and a half of their hold: what arrives may be old, and overtaken. */
const schema = `
  CREATE TABLE items (id text PRIMARY KEY, version integer NOT NULL, hold_ms integer NOT NULL);
  CREATE SEQUENCE loads MINVALUE 0 START 0;
  CREATE FUNCTION read_items(wanted text[]) RETURNS TABLE (id text, version integer, at_once integer)
  LANGUAGE plpgsql AS $$
  DECLARE
    running integer;
  BEGIN
    PERFORM nextval('loads');
    PERFORM pg_advisory_xact_lock_shared(7);
    SELECT count(*) INTO running FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND objid = 7 AND datname = current_database();
    RETURN QUERY SELECT items.id, items.version, running FROM items WHERE items.id = ANY(wanted);
    PERFORM pg_sleep(max(hold_ms) / 1000.0 * (0.5 + random())) FROM items WHERE items.id = ANY(wanted);
  END $$`;

/** The origin as a test sees it. */
export class CountedOrigin {
  private readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  static async create(url: string): Promise<CountedOrigin> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(schema);
    await client.query(`SELECT nextval('loads')`);
    return new CountedOrigin(client);
  }

  async addItems(ids: readonly string[], holdMs: (index: number) => number): Promise<void> {
    await this.client.query(
      `INSERT INTO items SELECT id, 0, hold_ms FROM unnest($1::text[], $2::integer[]) AS new (id, hold_ms)`,
      [ids, ids.map((_, index) => holdMs(index))],
    );
  }

  /** How many loads have reached it since it was created. */
  async loads(): Promise<number> {
    const { rows } = await this.client.query('SELECT last_value::integer AS loads FROM loads');
    return rows[0].loads;
  }

  /** Names of the processes whose loads are under way. */
  async loading(): Promise<string[]> {
    const { rows } = await this.client.query(
      `SELECT application_name AS name FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'active' AND query LIKE '%read_items%' AND pid <> pg_backend_pid()`,
    );
    return rows.map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** The origin as one process sees it. */
export class OriginOfProcess {
  /** Most loads that were under way at the same time, those of all processes together. */
  mostAtOnce = 0;
  private readonly pool: pg.Pool;

  /** @param connections more than the cache may use: what bounds the loads is not the pool */
  constructor(url: string, name: string, connections: number) {
    this.pool = new pg.Pool({ connectionString: url, application_name: name, max: connections });
  }

  async read(ids: readonly string[]): Promise<Map<string, Item>> {
    const { rows } = await this.pool.query('SELECT id, version, at_once FROM read_items($1)', [ids]);
    for (const { at_once } of rows) this.mostAtOnce = Math.max(this.mostAtOnce, at_once);
    return new Map(rows.map(({ id, version }) => [id, { id, version }]));
  }

  /** @returns the new version, committed. */
  async write(id: string): Promise<number> {
    const { rows } = await this.pool.query('UPDATE items SET version = version + 1 WHERE id = $1 RETURNING version', [
      id,
    ]);
    return rows[0].version;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

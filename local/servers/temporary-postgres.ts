import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { Guard } from './guard.ts';
import { postgresHome } from './postgres-home.ts';
import { postgresKind, postgresUrl } from './postgres-kind.ts';
import { Server } from './server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A PostgreSQL for one run: on a free port, in a directory that is deleted with it. */
export class TemporaryPostgres {
  /** To stop, kill and freeze it; it starts again on the same port with the same data. */
  readonly server: Server;
  readonly #guard: Guard;
  readonly #address: (database: string) => string;

  private constructor(server: Server, guard: Guard, address: (database: string) => string) {
    this.server = server;
    this.#guard = guard;
    this.#address = address;
  }

  /** @param options `durable: true` to measure with the cost of writing to disk */
  static async start(options: { durable: boolean }): Promise<TemporaryPostgres> {
    const directory = await temporaryDirectory(options.durable ? 'disk' : 'memory');
    const home = await postgresHome(join(directory, 'postgres'));
    // Deleted by name as well: started by root, the data may live elsewhere.
    const guard = new Guard([directory, home.dataDirectory]);
    const port = await freePort();
    const password = randomBytes(16).toString('hex');
    const logFile = join(directory, 'postgres.log');
    const server = new Server(postgresKind({ home, port, password, logFile, ...options }), guard);
    try {
      await server.start();
    } catch (error) {
      await guard.close();
      throw error;
    }
    return new TemporaryPostgres(server, guard, (database) => postgresUrl(port, password, database));
  }

  /** The address of one of its databases. `postgres` is always there. */
  url(database = 'postgres'): string {
    return this.#address(database);
  }

  /** Stops it and deletes its data. */
  async remove(): Promise<void> {
    await this.server.stop();
    await this.#guard.close();
  }
}

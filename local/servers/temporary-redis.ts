import { freePort } from './free-port.ts';
import { Guard } from './guard.ts';
import { redisKind, redisUrl } from './redis-kind.ts';
import type { RedisSettings } from './redis-layers.ts';
import { Server } from './server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const attempts = 3;

/** A redis-server for one run: on a free port, in a directory that is deleted with it. */
export class TemporaryRedis {
  /** To stop, kill and freeze it; it starts again on the same port, with what its append-only file kept. */
  readonly server: Server;
  /** Where its files are. */
  readonly directory: string;
  readonly port: number;
  readonly url: string;
  readonly #guard: Guard;

  private constructor(server: Server, guard: Guard, { directory, port }: { directory: string; port: number }) {
    this.server = server;
    this.directory = directory;
    this.port = port;
    this.url = redisUrl(port);
    this.#guard = guard;
  }

  /** @param name as it appears in errors */
  static async start(name: string, settings: RedisSettings): Promise<TemporaryRedis> {
    const directory = await temporaryDirectory('disk');
    const guard = new Guard([directory]);
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const server = new Server(redisKind({ name, directory, port, ...settings }), guard);
      try {
        await server.start();
        return new TemporaryRedis(server, guard, { directory, port });
      } catch (error) {
        // Another process may have taken the port a moment before.
        if (attempt < attempts) continue;
        await guard.close();
        throw error;
      }
    }
  }

  /** Stops it and deletes its data. */
  async remove(): Promise<void> {
    await this.server.stop();
    await this.#guard.close();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Application } from './application.ts';
import { ApplicationLoop } from './application-loop.ts';
import type { ClaimedServers } from './claimed-servers.ts';
import { configuredConnections, connectionVariables } from './connections.ts';
import type { DataDirectory } from './data-directory.ts';
import { say } from './say.ts';
import { secretFrom } from './secret-file.ts';

const upPollMs = 50;

/** The whole shop on one machine: the servers nobody configured, and the application on top of them. */
export class Shop {
  readonly #claimed: ClaimedServers;
  readonly #application: Application;
  readonly #loop: ApplicationLoop;
  #isStopping = false;

  private constructor(claimed: ClaimedServers, env: NodeJS.ProcessEnv, watch: boolean) {
    this.#claimed = claimed;
    this.#application = new Application(env, claimed.guard);
    this.#loop = new ApplicationLoop({
      application: this.#application,
      watch,
      untilServersAreUp: () => this.#untilServersAreUp(),
      onStarted: () => void this.#record(),
      onReady: (url) => void this.#record({ address: url ?? `http://localhost:${env.PORT || 3000}` }),
    });
  }

  static async create(
    claimed: ClaimedServers,
    data: DataDirectory,
    env: NodeJS.ProcessEnv,
    watch: boolean,
  ): Promise<Shop> {
    // Somebody's own database is not filled with sample goods unless asked.
    const isOwnDatabase = configuredConnections(env).databaseUrl !== undefined;
    const variables = {
      MIGRATE_ON_START: 'true',
      IMPORT_SAMPLE_ON_EMPTY: String(!isOwnDatabase),
      ...env,
      AUTH_SECRET: env.AUTH_SECRET || (await secretFrom(data.authSecretFile)),
      ...connectionVariables(claimed.servers.connections),
    };
    return new Shop(claimed, variables, watch);
  }

  /** Runs until `stop` is called (0) or it cannot go on (1). */
  async run(): Promise<number> {
    const { servers } = this.#claimed;
    const startedAtMs = Date.now();
    await servers.start();
    if (this.#isStopping) return 0;
    await this.#record({ connections: servers.connections });
    if (!servers.isEmpty) say(`${servers.description}: up in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
    const loop = this.#loop.run();
    // Only a server that cannot be brought back ends this before the application does.
    return Promise.race([loop, servers.keepRunning(() => this.#record()).then(() => loop)]);
  }

  /** After new sources have been built. */
  async restartApplication(): Promise<void> {
    await this.#loop.restart();
  }

  /** Stops the application, which finishes what it has accepted, then the servers. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#loop.stop();
    await this.#claimed.close();
  }

  /** Kills the application at once. */
  hurry(): void {
    this.#application.kill9();
  }

  async #record(
    changes: { address?: string; connections?: ClaimedServers['servers']['connections'] } = {},
  ): Promise<void> {
    const { servers, runFile } = this.#claimed;
    if (this.#isStopping) return;
    await runFile.update({ ...changes, pids: { application: this.#application.pid, ...servers.pids } });
  }

  async #untilServersAreUp(): Promise<void> {
    while (!this.#claimed.servers.areUp && !this.#isStopping) await sleep(upPollMs);
  }
}

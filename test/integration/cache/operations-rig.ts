// Processes with PostgreSQL beside the cache: for what operators steer and what is kept over restarts.
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { CacheControls } from '../../../src/cache/controls/cache-controls.js';
import { CacheControlsRepository } from '../../../src/cache/controls/cache-controls.repository.js';
import { Database } from '../../../src/platform/database/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type CacheRig, logger, type Process, type ProcessOptions } from './cache-rig.js';

/** A process whose controls follow PostgreSQL. */
export interface OperatedProcess extends Process {
  readonly database: Database;
  readonly controls: CacheControls;
}

/** One database for a spec file, beside the Redis of its rig. */
export class OperationsRig {
  private testDatabase: TestDatabase | undefined;
  private readonly started: OperatedProcess[] = [];

  constructor(private readonly rig: CacheRig) {
    beforeAll(async () => {
      this.testDatabase = await createTestDatabase();
    });
    afterEach(() => this.stopAll());
    afterAll(() => this.testDatabase?.drop());
  }

  async startProcess(options: ProcessOptions = {}): Promise<OperatedProcess> {
    const process = await this.rig.startProcess(options);
    const database = this.connect();
    const repository = new CacheControlsRepository(database);
    const controls = new CacheControls(repository, (name, all) => process.cache.control(name, all), logger);
    await controls.onModuleInit();
    const operated = { ...process, database, controls };
    this.started.push(operated);
    return operated;
  }

  /** A test finds nothing of the one before it. */
  private async forget(): Promise<void> {
    const database = this.connect();
    await database.pool.query('TRUNCATE cache_controls, cache_hot_keys, cache_warm_ups');
    await database.close();
  }

  private connect(): Database {
    if (!this.testDatabase) throw new Error('the database is made before the first test');
    const settings = { DATABASE_POOL_MAX: 4, DATABASE_STATEMENT_TIMEOUT_MS: 5_000 };
    return new Database({ DATABASE_URL: this.testDatabase.url, ...settings }, logger);
  }

  private async stopAll(): Promise<void> {
    await this.forget();
    for (const { controls, database } of this.started.splice(0)) {
      await controls.beforeApplicationShutdown();
      if (!database.pool.ended) await database.close();
    }
  }
}

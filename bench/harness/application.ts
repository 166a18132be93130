import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Guard } from '../../local/servers/guard.ts';
import type { Layer } from '../../local/servers/redis-layers.ts';
import type { TemporaryPostgres } from '../../local/servers/temporary-postgres.ts';
import type { TemporaryRedis } from '../../local/servers/temporary-redis.ts';
import { applicationNodeOptions } from '../../local/supervisor/application.ts';
import { connectionVariables } from '../../local/supervisor/connections.ts';
import { Child } from './child.ts';

const mainScript = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

/** The API key of every application that is started here. */
export const adminKey = 'key-of-a-bench-run';

export interface ApplicationOptions {
  readonly databaseUrl: string;
  readonly redis: Readonly<Record<Layer, TemporaryRedis>>;
  /** Settings beside those of the servers. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is run in place of its main program. */
  readonly script?: string;
  /** A module that is loaded before the application. */
  readonly preload?: string;
  readonly processor?: number | undefined;
}

/** The compiled application in a process of its own, with the settings of production. */
export function startApplication(options: ApplicationOptions, guard: Guard): Promise<Child> {
  const { databaseUrl, redis, env, script = mainScript, preload, processor } = options;
  const redisUrls = {
    operational: redis.operational.url,
    application: redis.application.url,
    session: redis.session.url,
  };
  return Child.start(
    {
      name: 'the application',
      script,
      nodeArgs: [...applicationNodeOptions, ...(preload ? ['--import', preload] : [])],
      env: {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: '0',
        AUTH_SECRET: 'secret-of-a-bench-run-secret-of-a-bench-run',
        TIERSHOP_ADMIN_KEY: adminKey,
        ...connectionVariables({ databaseUrl, redisUrls }),
        ...env,
      },
      processor,
    },
    guard,
  );
}

/** A new database of the server. @returns its address */
export async function createDatabase(postgres: TemporaryPostgres, name: string): Promise<string> {
  const client = new pg.Client(postgres.url());
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return postgres.url(name);
}

/** Runs a file of SQL. */
export async function runSql(databaseUrl: string, file: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query(await readFile(file, 'utf8'));
  } finally {
    await client.end();
  }
}

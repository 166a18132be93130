import { join } from 'node:path';
import { databaseUser, ensureCluster } from './postgres-cluster.ts';
import type { PostgresHome } from './postgres-home.ts';
import { readPostmasterFile, removeStaleLock } from './postmaster-file.ts';
import type { ServerKind } from './server.ts';

export interface PostgresOptions {
  home: PostgresHome;
  port: number;
  password: string;
  logFile: string;
  /** Whether data must survive a crash of the machine. Tests say no, and are faster for it. */
  durable: boolean;
}

/** A PostgreSQL on the loopback, its cluster made at the first start. */
export function postgresKind({ home, port, password, logFile, durable }: PostgresOptions): ServerKind {
  return {
    name: 'PostgreSQL',
    logFile,
    // SIGINT is its "fast" shutdown: transactions are rolled back, files are left clean.
    stop: { stage: 3, signal: 'SIGINT', graceMs: 15_000 },
    async prepare() {
      await ensureCluster(home, password);
      await removeStaleLock(home.dataDirectory);
      const settings = Object.entries(settingsFor(port, durable)).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
      return {
        file: join(home.binDirectory, 'postgres'),
        args: ['-D', home.dataDirectory, ...settings],
        owner: home.owner,
      };
    },
    async isReady(pid) {
      const recorded = await readPostmasterFile(home.dataDirectory);
      return recorded?.pid === pid && recorded.isReady;
    },
  };
}

/** The address of one database of the server. */
export function postgresUrl(port: number, password: string, database: string): string {
  return `postgres://${databaseUser}:${password}@127.0.0.1:${port}/${database}`;
}

function settingsFor(port: number, durable: boolean): Record<string, string | number> {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %d ',
  };
  if (durable) return settings;
  return { ...settings, fsync: 'off', full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: 0 };
}

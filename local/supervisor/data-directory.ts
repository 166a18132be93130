import { dirname, join, resolve } from 'node:path';
import type { Layer } from '../servers/redis-layers.ts';

export const projectRoot = dirname(dirname(import.meta.dirname));

/** What stands where in `.data/`. */
export interface DataDirectory {
  root: string;
  /** Who runs now, and where; see `RunFile`. Holds passwords. */
  runFile: string;
  portsFile: string;
  authSecretFile: string;
  postgresPasswordFile: string;
  postgres: string;
  postgresLog: string;
  redis: Record<Layer, string>;
}

/** `.data/` of this checkout, or TIERSHOP_DATA_DIR. */
export function dataDirectory(env: NodeJS.ProcessEnv): DataDirectory {
  const root = resolve(projectRoot, env.TIERSHOP_DATA_DIR || '.data');
  const redis = (layer: Layer) => join(root, 'redis', layer);
  return {
    root,
    runFile: join(root, 'run.json'),
    portsFile: join(root, 'ports.json'),
    authSecretFile: join(root, 'auth-secret'),
    postgresPasswordFile: join(root, 'postgres-password'),
    postgres: join(root, 'postgres'),
    postgresLog: join(root, 'postgres.log'),
    redis: { operational: redis('operational'), application: redis('application'), session: redis('session') },
  };
}

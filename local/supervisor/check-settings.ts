import { join } from 'node:path';
import { projectRoot } from './data-directory.ts';

/** Settings that `npm start` supplies if they are not set. */
const brought = {
  DATABASE_URL: 'postgres://embedded',
  REDIS_URL: 'redis://embedded',
  AUTH_SECRET: 'is made at the first start and kept',
};

/** Throws, naming every wrong setting, before a server is started for an application that would refuse them. */
export async function checkSettings(env: NodeJS.ProcessEnv): Promise<void> {
  const { loadConfig } = (await import(join(projectRoot, 'dist', 'platform', 'load-config.js'))) as {
    loadConfig: (env: NodeJS.ProcessEnv) => unknown;
  };
  const given = Object.entries(env).filter(([, value]) => value !== '');
  loadConfig({ ...brought, ...Object.fromEntries(given) });
}

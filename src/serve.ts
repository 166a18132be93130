// Boots the application: settings, migrations, HTTP, and an orderly end on SIGTERM, SIGINT or when the parent is gone.
import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './create-app.js';
import { prepareFirstStart } from './first-start.js';
import type { Config } from './platform/config.js';
import { DatabaseUnusableError } from './platform/database/wait-for-database.js';
import { doubtfulSettings } from './platform/doubtful-settings.js';
import { ConfigError, configOfProcess } from './platform/load-config.js';
import { describeUnreachable, RedisLayers } from './platform/redis/redis-layers.js';
import { printWelcome } from './welcome.js';

/** A running server accepts a connection sooner. */
const REDIS_PATIENCE_MS = 500;

async function main(): Promise<void> {
  const config = configOfProcess();
  for (const text of doubtfulSettings(config)) process.stderr.write(`${text}\n`);
  const app = await createApp(config);
  stopInOrder(app, config);
  await prepareFirstStart(app);
  await app.listen(config.PORT, config.HOST);
  const url = (await app.getUrl()).replace(/\[::1?\]|0\.0\.0\.0/, 'localhost');
  await printWelcome(app, url);
  const away = await app.get(RedisLayers, { strict: false }).waitUntilUp(REDIS_PATIENCE_MS);
  if (away.length > 0) process.stderr.write(`${describeUnreachable(away)}\n`);
  process.send?.({ type: 'ready', url });
}

/** Finishes running requests, stops background work, closes the stores; exits after SHUTDOWN_TIMEOUT_MS anyway. */
function stopInOrder(app: NestFastifyApplication, config: Config): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), config.SHUTDOWN_TIMEOUT_MS).unref();
    void app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
}

const noSuchAddress = 'HOST is no address of this machine. Set it to one, such as 127.0.0.1, or 0.0.0.0 for all.';
const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'The port is in use. Stop what listens there, or set PORT to another one.',
  EADDRNOTAVAIL: noSuchAddress,
  ENOTFOUND: noSuchAddress,
};

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
});

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseUnusableError) return error.message;
  const advice = error instanceof Error && 'code' in error ? listenAdvice[String(error.code)] : undefined;
  if (error instanceof Error && advice) return `${advice}\n${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

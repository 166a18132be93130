// `npm start` and, with --watch, `npm run dev`: the shop with everything it needs, until somebody stops it.
import { requireFreeAddress } from '../setup/free-address.mjs';
import { checkSettings } from '../supervisor/check-settings.ts';
import { claimServers } from '../supervisor/claimed-servers.ts';
import { dataDirectory } from '../supervisor/data-directory.ts';
import { describe, say } from '../supervisor/say.ts';
import { Shop } from '../supervisor/shop.ts';
import { StopRequests } from '../supervisor/stop-requests.ts';

const keepAliveMs = 60_000;

async function main(watch: boolean): Promise<number> {
  let shop: Shop | undefined;
  const stopRequests = new StopRequests((count) => {
    say(count === 1 ? 'Stopping. Ctrl-C again does not wait for the application.' : 'Not waiting any longer.');
    if (count > 1) shop?.hurry();
  });

  await checkSettings(process.env);
  const data = dataDirectory(process.env);
  const claimed = await claimServers(data, 'start', process.env);
  shop = await Shop.create(claimed, data, process.env, watch);
  const running = shop;
  process.on('message', (message) => {
    const { type } = message as { type?: unknown };
    if (type === 'restart-application') void running.restartApplication();
  });
  // Between two runs of the application nothing else would keep this process alive.
  const keepAlive = setInterval(() => undefined, keepAliveMs);
  try {
    await requireFreeAddress(process.env);
    return await Promise.race([running.run(), stopRequests.first.then(() => 0)]);
  } finally {
    await running.stop();
    clearInterval(keepAlive);
    say('Stopped.');
  }
}

const exitCode = await main(process.argv.includes('--watch')).catch((error: unknown) => {
  say(describe(error));
  return 1;
});
process.exit(exitCode);

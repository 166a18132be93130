// `npm run cli`: the shop's own command line. It works on the servers the environment names, else on those of a running
// `npm start`, else on embedded ones that are started for this one command.
import { setTimeout as sleep } from 'node:timers/promises';
import { layers } from '../servers/redis-layers.ts';
import { type ClaimedServers, claimServers } from '../supervisor/claimed-servers.ts';
import { configuredConnections, connectionVariables } from '../supervisor/connections.ts';
import { type DataDirectory, dataDirectory } from '../supervisor/data-directory.ts';
import { AlreadyRunning, liveRun } from '../supervisor/run-file.ts';
import { say, sayFailure } from '../supervisor/say.ts';
import { secretFrom } from '../supervisor/secret-file.ts';
import { runTool } from '../tools/run-tool.ts';

const cliFile = 'dist/cli.js';
const waitMs = 250;
const longestWaitMs = 60_000;
/** These only print: no server is started for them. */
const printing = ['help', 'reference', 'generate', '--help', '-h', '--version', '-V'];

async function main(args: string[]): Promise<number> {
  const command = ['--enable-source-maps', cliFile, ...args];
  const configured = configuredConnections(process.env);
  const isConfigured = configured.databaseUrl !== undefined && layers.every((layer) => configured.redisUrls[layer]);
  if (isConfigured || args.length === 0 || args.some((arg) => printing.includes(arg))) return runTool(command);

  const data = dataDirectory(process.env);
  const servers = await findOrStart(data);
  try {
    const secret = process.env.AUTH_SECRET || (await secretFrom(data.authSecretFile));
    // What the environment names comes first: a command meant for another database must not reach this one.
    const named = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value));
    return await runTool(command, { AUTH_SECRET: secret, ...servers.variables, ...named });
  } finally {
    await servers.claimed?.close();
  }
}

interface Servers {
  variables: Record<string, string>;
  /** Only when they were started here, and have to be stopped here. */
  claimed?: ClaimedServers;
}

async function findOrStart(data: DataDirectory): Promise<Servers> {
  const giveUpAtMs = Date.now() + longestWaitMs;
  for (;;) {
    const run = await liveRun(data);
    if (run?.kind === 'start' && run.connections) return { variables: connectionVariables(run.connections) };
    try {
      return await start(data);
    } catch (error) {
      // Another command has them for a moment, or the shop is just starting.
      if (!(error instanceof AlreadyRunning) || Date.now() > giveUpAtMs) throw error;
      await sleep(waitMs);
    }
  }
}

async function start(data: DataDirectory): Promise<Servers> {
  const claimed = await claimServers(data, 'cli', process.env);
  try {
    say('Starting the embedded servers for this command.');
    await claimed.servers.start();
    return { variables: connectionVariables(claimed.servers.connections), claimed };
  } catch (error) {
    await claimed.close();
    throw error;
  }
}

const exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  sayFailure(error);
  return 1;
});
process.exit(exitCode);

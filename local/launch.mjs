// The entry of every npm script: brings what is missing (dependencies, Node 24, redis-server, the build), then hands over
// to the command. It has no dependencies and runs on Node 20, because on a new machine nothing else is there yet.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './setup/build.mjs';
import { commands } from './setup/commands.mjs';
import { ensureDependencies, hasDependencies } from './setup/dependencies.mjs';
import { requireFreeAddress } from './setup/free-address.mjs';
import { handOver } from './setup/hand-over.mjs';
import { helpFor, overview } from './setup/help.mjs';
import { findNode24 } from './setup/node-24.mjs';
import { ensureRedisServer, needsRedisServer } from './setup/redis-server.mjs';
import { SetupError, say } from './setup/setup-error.mjs';
import { watchSources } from './setup/watch.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const helpWords = ['--help', '-h'];

/** @param {string | undefined} name @param {string[]} args */
async function main(name, args) {
  if (name === undefined || helpWords.includes(name)) return void process.stdout.write(overview());
  const command = commands[name];
  if (!command) throw new SetupError(`There is no command "${name}".\n\n${overview()}`);
  const asksForHelp = args.some((arg) => helpWords.includes(arg));
  if (asksForHelp && !(command.ownHelp && (await hasDependencies(root))))
    return void process.stdout.write(helpFor(command));
  const { options } = command;
  const unknown = options && args.find((arg) => !(arg in options));
  if (unknown) throw new SetupError(`"${unknown}" is not an option of this command.\n\n${helpFor(command)}`);

  // A taken port is reported before the minute of installing; `start` checks again once it holds the data directory.
  await ensureDependencies(root, async () => command.listens && requireFreeAddress(process.env));
  const node = await findNode24(root);
  const path =
    needsRedisServer(command, process.env) && !asksForHelp ? await ensureRedisServer(root) : (process.env.PATH ?? '');
  if (command.built) await ensureBuilt(root, node, command.types);
  if (!command.script) return;
  if (!existsSync(join(root, command.script))) throw new SetupError(`${command.script} is missing from this checkout.`);

  const child = handOver({
    root,
    node,
    path,
    script: command.script,
    args: command.watch ? ['--watch', ...args] : args,
    countsRequests: command.countsRequests ?? false,
  });
  if (command.watch) watchSources(root, node, () => child.connected && child.send({ type: 'restart-application' }));
}

try {
  const [name, ...args] = process.argv.slice(2);
  await main(name, args);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: error.message })}\n`);
  else say(error.message);
  process.exitCode = 1;
}

// The command line: `npm run cli -- COMMAND`. Every command has --help, and --json for programs, which says `{ error }` when it fails.
import 'reflect-metadata';
import { Command } from 'commander';
import { generateCommand } from './cli/generate.command.js';
import { importCommand } from './cli/import.command.js';
import { migrateCommand } from './cli/migrate.command.js';
import { referenceCommand } from './cli/reference.command.js';
import { ConfigError } from './platform/load-config.js';

const program = new Command('npm run cli --')
  .description('Commands of a tiershop.')
  .showHelpAfterError()
  .addCommand(importCommand())
  .addCommand(generateCommand())
  .addCommand(migrateCommand())
  .addCommand(referenceCommand());

program.parseAsync().catch((error: unknown) => {
  const text = error instanceof ConfigError || error instanceof Error ? error.message : String(error);
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: text })}\n`);
  else process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});

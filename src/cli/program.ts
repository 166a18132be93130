// The command line: `npm run cli -- COMMAND`. Every command has --help, and --json for programs: a failure is `{ error }`.
import 'reflect-metadata';
import { Command } from 'commander';
import { generateCommand } from './generate.command.js';
import { importCommand } from './import.command.js';
import { migrateCommand } from './migrate.command.js';
import { referenceCommand } from './reference.command.js';

const program = new Command('npm run cli --')
  .description('Commands of a tiershop.')
  .showHelpAfterError()
  .addCommand(importCommand())
  .addCommand(generateCommand())
  .addCommand(migrateCommand())
  .addCommand(referenceCommand());

const json = process.argv.includes('--json');
for (const command of [program, ...program.commands]) {
  // A command line that cannot be parsed is a failure like any other.
  if (json) command.configureOutput({ outputError: (text) => failInJson(text.replace(/^error: /, '').trim()) });
}

// A reader such as `head` may close the output early: that is a normal end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

program.parseAsync().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  if (json) failInJson(text);
  else process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});

function failInJson(error: string): void {
  process.stdout.write(`${JSON.stringify({ error })}\n`);
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { type ImportOutcome, ImportService } from '../catalog/index.js';
import { createApp } from '../create-app.js';
import { configOfProcess } from '../platform/load-config.js';
import { createLogger } from '../platform/logging.js';
import { describeEnding, formatImportOutcome, importProgressBar } from './import-progress.js';

export function importCommand(): Command {
  return new Command('import')
    .description("Import products from a CSV file (Shopify's product export, old or new headers).")
    .argument('<file>', 'the CSV file; "-" reads standard input')
    .option('--json', 'print the report as one JSON document')
    .addHelpText(
      'after',
      '\nImporting a file again updates its products. Rows that cannot be used are reported by line.\n\n' +
        'Exit code: 0 when something was imported, also when rows were left out (report.skipped and report.problemCount\n' +
        'of --json tell how many); 1 when nothing was, or the import stopped half-way.',
    )
    .action(async (file: string, options: { json?: boolean }) => {
      const outcome = await runImport(file);
      process.stdout.write(`${options.json ? toJson(outcome) : formatImportOutcome(outcome)}\n`);
      if (outcome.kind !== 'done') process.exitCode = 1;
    });
}

/** The report; after a failure with `error`, as in every command. */
function toJson(outcome: ImportOutcome): string {
  return JSON.stringify(outcome.kind === 'done' ? outcome : { ...outcome, error: describeEnding(outcome) });
}

async function runImport(file: string): Promise<ImportOutcome> {
  const totalBytes = file === '-' ? undefined : (await statOf(file)).size;
  // The command does not deliver events: what it changes is invalidated at once, and the shop's workers repeat it.
  const config = configOfProcess({ LOG_LEVEL: process.env.LOG_LEVEL || 'warn', ROLE: 'api' });
  // Standard output is for the report.
  const app = await createApp(config, createLogger(config, 2));
  const bar = importProgressBar();
  try {
    const source = file === '-' ? process.stdin : createReadStream(file);
    return await app.get(ImportService, { strict: false }).run(source, totalBytes, bar.onProgress);
  } finally {
    bar.stop();
    await app.close();
  }
}

async function statOf(file: string) {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new Error(`There is no file ${resolve(file)}. Name a CSV file, or "-" to read standard input.`);
  if (!found.isFile())
    throw new Error(`${file} is not a regular file. Name a CSV file, or "-" to read standard input.`);
  return found;
}

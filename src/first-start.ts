// What a new shop gets: its first API key, printed once, and the sample catalogue when it was asked for.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { INestApplication } from '@nestjs/common';
import { CatalogService, ImportService } from './catalog/index.js';
import { formatImportOutcome, importProgressBar } from './cli/import-progress.js';
import { ApiKeysService } from './platform/auth/api-keys.service.js';
import { CONFIG, type Config } from './platform/config.js';

const sample = fileURLToPath(new URL('../samples/catalog.csv', import.meta.url));

/** Prepares a shop that has never run. Later starts find everything in place. */
export async function prepareFirstStart(app: INestApplication): Promise<void> {
  const key = await app.get(ApiKeysService, { strict: false }).createFirstKey();
  if (key) print(`API key for administration, shown only this once:\n  ${key}`);
  const config = app.get<Config>(CONFIG, { strict: false });
  const catalog = app.get(CatalogService, { strict: false });
  if (config.IMPORT_SAMPLE_ON_EMPTY && (await catalog.productCount()) === 0) await importSample(app);
}

async function importSample(app: INestApplication): Promise<void> {
  print('Importing the sample catalogue …');
  const bar = importProgressBar();
  const { size } = await stat(sample);
  const outcome = await app.get(ImportService, { strict: false }).run(createReadStream(sample), size, bar.onProgress);
  bar.stop();
  print(formatImportOutcome(outcome));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

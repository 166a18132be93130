import { Command } from 'commander';
import { migrate } from '../platform/database/migrate.js';
import { configOfProcess } from '../platform/load-config.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description(
      'Bring the database to the newest schema. (A starting shop does it by itself unless MIGRATE_ON_START=false.)',
    )
    .option('--json', 'print what was applied as one JSON document')
    .action(async (options: { json?: boolean }) => {
      const result = await migrate(configOfProcess().DATABASE_URL);
      const text =
        result.applied.length === 0 ? 'The database is up to date.' : `Applied:\n  ${result.applied.join('\n  ')}`;
      process.stdout.write(`${options.json ? JSON.stringify(result) : text}\n`);
    });
}

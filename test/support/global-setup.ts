// Once per test run, before any worker starts: one PostgreSQL for all of them, and the seed of this run.
// Workers inherit the environment; each spec file clones its own database (`test-database.ts`).
import { TemporaryPostgres } from '../../local/servers/temporary-postgres.ts';
import { ensureSeed } from '../../local/tools/seed.ts';
import { keepServer } from './run-state.ts';

export default async function globalSetup(): Promise<void> {
  ensureSeed(process.env);
  if (process.env.TEST_DATABASE_URL) return;
  const postgres = await TemporaryPostgres.start({ durable: false });
  process.env.TEST_DATABASE_URL = postgres.url();
  keepServer(postgres);
}

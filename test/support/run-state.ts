import type { TemporaryPostgres } from '../../local/servers/temporary-postgres.ts';

// Jest loads set-up and teardown separately, in one process: the process itself is what they share.
const key = Symbol.for('tiershop.test.postgres');
const state = globalThis as { [key]?: TemporaryPostgres };

export function keepServer(server: TemporaryPostgres): void {
  state[key] = server;
}

export async function releaseServer(): Promise<void> {
  await state[key]?.remove();
  delete state[key];
}

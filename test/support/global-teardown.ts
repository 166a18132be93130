import { releaseServer } from './run-state.ts';

/** After the last test. A run that is cut off never gets here; the guard then stops the server. */
export default async function globalTeardown(): Promise<void> {
  await releaseServer();
}

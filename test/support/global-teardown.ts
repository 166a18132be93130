import { releaseServer } from './run-state.ts';

/** After the last test. A run that is cut off comes here never; the guard of the server then stops it. */
export default async function globalTeardown(): Promise<void> {
  await releaseServer();
}

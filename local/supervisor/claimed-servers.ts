import { Guard } from '../servers/guard.ts';
import { configuredConnections } from './connections.ts';
import type { DataDirectory } from './data-directory.ts';
import { EmbeddedServers } from './embedded-servers.ts';
import { stopLeftovers } from './leftovers.ts';
import { type Run, RunFile } from './run-file.ts';

/** The data directory held by this process, cleared of what a killed run left, with servers that are ready to start. */
export interface ClaimedServers {
  runFile: RunFile;
  guard: Guard;
  servers: EmbeddedServers;
  /** Stops the servers and gives the data directory back. */
  close(): Promise<void>;
}

/** Throws `AlreadyRunning` when another process holds the data directory. */
export async function claimServers(
  data: DataDirectory,
  kind: Run['kind'],
  env: NodeJS.ProcessEnv,
): Promise<ClaimedServers> {
  const { runFile, left } = await RunFile.claim(data, kind);
  const guard = new Guard();
  try {
    await stopLeftovers(data, left);
    const servers = await EmbeddedServers.prepare(data, configuredConnections(env), guard);
    const close = async () => {
      await servers.stop();
      await guard.close();
      await runFile.release();
    };
    return { runFile, guard, servers, close };
  } catch (error) {
    await guard.close();
    await runFile.release();
    throw error;
  }
}

import { createServer } from 'node:net';
import { SetupError } from './setup-error.mjs';

const defaultPort = 3000;

/**
 * Throws when another program listens where the shop will, before anything is installed or started.
 * @param {NodeJS.ProcessEnv} env
 */
export async function requireFreeAddress({ PORT, HOST }) {
  const port = Number(PORT || defaultPort);
  // An invalid port is refused with the other wrong settings.
  if (!Number.isInteger(port) || port <= 0 || port > 65_535) return;
  const server = createServer();
  /** @type {Promise<void>} */
  const listening = new Promise((resolve, reject) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      // Whatever else is wrong with the address, the application says it better.
      if (error.code !== 'EADDRINUSE') return resolve();
      reject(new SetupError(`Port ${port} is in use. Stop what listens there, or set PORT to another one.`));
    });
    server.listen({ port, host: HOST || '127.0.0.1', exclusive: true }, () => server.close(() => resolve()));
  });
  await listening;
}

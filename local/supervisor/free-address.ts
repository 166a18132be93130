import { createServer } from 'node:net';

const defaultPort = 3000;

/** Throws when somebody else listens where the shop will, before anything is started for it. */
export async function requireFreeAddress({ PORT, HOST }: NodeJS.ProcessEnv): Promise<void> {
  const port = Number(PORT || defaultPort);
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // Whatever else is wrong with the address, the application says it better.
      if (error.code !== 'EADDRINUSE') return resolve();
      reject(new Error(`Port ${port} is in use. Stop what listens there, or set PORT to another one.`));
    });
    server.listen({ port, host: HOST || '127.0.0.1', exclusive: true }, () => server.close(() => resolve()));
  });
}

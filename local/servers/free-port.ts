import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux takes the ports of outgoing connections: a client that retries against a stopped
 * server inside that range can end up connected to itself, and the server then finds its port taken.
 */
const lowest = 16_000;
const highest = 32_000;
const attempts = 100;

/** Each worker of a test run has its own ports, so that no other takes the port of a server that is down for a moment. */
const lanes = process.env.JEST_WORKER_ID === undefined ? 1 : 8;
const lane = Number(process.env.JEST_WORKER_ID ?? 0) % lanes;

/** Given out, but perhaps nobody listens there yet. */
const given = new Set<number>();

/** A port on the loopback that nobody listens on; `preferred` when it is free. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(lowest / lanes, highest / lanes) * lanes + lane;
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port between ${lowest} and ${highest} on 127.0.0.1; close what uses them and try again.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

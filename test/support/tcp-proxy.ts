import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

/**
 * - `forward`: everything passes.
 * - `blackhole`: connections stay open and nothing passes, either way: a network that is gone.
 * - `lose-replies`: requests arrive and take effect, replies are dropped: the sender cannot know.
 * - `cut`: connections are refused.
 */
export type ProxyMode = 'forward' | 'blackhole' | 'lose-replies' | 'cut';

/** Stands between a client and a server, and does to their connection what networks do. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mode: ProxyMode = 'forward';
  #delayMs = 0;

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#connect(client, target));
  }

  /** @param url of the server behind it: `redis://127.0.0.1:6379`, `postgres://…` */
  static async start(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, { host: hostname, port: Number(port) });
  }

  /** The same address, by way of this proxy. */
  urlFor(url: string): string {
    const proxied = new URL(url);
    proxied.hostname = '127.0.0.1';
    proxied.port = String(this.port);
    return proxied.href;
  }

  /** How many sockets are open now, those of clients and those to the server. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** What happens from now on, to open connections as well. Bytes swallowed meanwhile never arrive. */
  setMode(mode: ProxyMode): void {
    this.#mode = mode;
    if (mode === 'cut') this.breakConnections();
  }

  /** Refuses connections and breaks the open ones, until `restore`. */
  cut(): void {
    this.setMode('cut');
  }

  /** Swallows everything, until `restore`. */
  blackhole(): void {
    this.setMode('blackhole');
  }

  /** Everything passes again, at once. Connections that lost bytes are broken: no stream goes on with a hole in it. */
  restore(): void {
    const lostBytes = this.#mode === 'blackhole' || this.#mode === 'lose-replies';
    this.setMode('forward');
    this.#delayMs = 0;
    if (lostBytes) this.breakConnections();
  }

  /** Every chunk, in each direction, arrives this much later. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Breaks the open connections; new ones are accepted. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.breakConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket, target: { host: string; port: number }): void {
    if (this.#mode === 'cut') {
      client.destroy();
      return;
    }
    const upstream = createConnection(target);
    this.#pipe(client, upstream, ['forward', 'lose-replies']);
    this.#pipe(upstream, client, ['forward']);
  }

  #pipe(from: Socket, to: Socket, passes: ProxyMode[]): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => undefined); // 'close' follows
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('data', (chunk) => {
      if (!passes.includes(this.#mode)) return;
      if (this.#delayMs === 0) to.write(chunk);
      else setTimeout(() => to.writable && to.write(chunk), this.#delayMs);
    });
  }
}

// One keep-alive connection of the load process. It parses only the status and the length of an answer, and hands head and
// body on as they are: a full HTTP client costs more than the servers that it loads.
import { connect, type Socket } from 'node:net';

const lengthPattern = /\r\ncontent-length: *(\d+)\r\n/i;
const endOfHead = '\r\n\r\n';

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
  readonly latencyMs: number;
}

/** What a connection asks and tells while it works. */
export interface ConnectionEvents {
  /** The bytes of the next request; undefined when there is none. */
  next(): Buffer | undefined;
  onAnswer(answer: Answer): void;
}

export class LoadConnection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #run = Promise.withResolvers<void>();
  #pending: Buffer = Buffer.alloc(0);
  #status = 0;
  #head = '';
  /** Bytes of the body that are still to come; undefined while the head is read. */
  #missing: number | undefined;
  #body: Buffer[] = [];
  #sentAtMs = 0;

  private constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk) => this.#attempt(() => this.#read(chunk)));
    socket.on('error', (error) => this.#run.reject(error));
    socket.on('close', () => this.#run.reject(new Error('The server closed a connection.')));
  }

  static open(host: string, port: number, events: ConnectionEvents): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new LoadConnection(socket.off('error', reject), events)));
    });
  }

  /** Sends one request after the other until there is no next one. It can be run again, unless it failed. */
  async run(): Promise<void> {
    this.#run = Promise.withResolvers<void>();
    if (this.#socket.destroyed) throw new Error('The server closed a connection.');
    this.#attempt(() => this.#send());
    await this.#run.promise;
  }

  close(): void {
    this.#run.promise.catch(() => undefined); // that it is closed now is no failure
    this.#socket.destroy();
  }

  #send(): void {
    const request = this.#events.next();
    if (!request) {
      this.#run.resolve();
      return;
    }
    this.#sentAtMs = performance.now();
    this.#socket.write(request);
  }

  #read(chunk: Buffer): void {
    if (this.#missing !== undefined) {
      this.#readBody(chunk);
      return;
    }
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const headEnd = bytes.indexOf(endOfHead);
    if (headEnd < 0) {
      this.#pending = bytes;
      return;
    }
    this.#pending = Buffer.alloc(0);
    this.#head = bytes.toString('latin1', 0, headEnd + 2);
    this.#status = Number(this.#head.slice(9, 12));
    this.#missing = this.#bodyLength();
    this.#readBody(bytes.subarray(headEnd + endOfHead.length));
  }

  #bodyLength(): number {
    if (this.#status === 304 || this.#status === 204) return 0;
    const length = lengthPattern.exec(this.#head)?.[1];
    if (length === undefined) throw new Error(`An answer has no Content-Length:\n${this.#head}`);
    return Number(length);
  }

  #readBody(chunk: Buffer): void {
    const missing = (this.#missing ?? 0) - chunk.length;
    if (missing < 0) throw new Error(`An answer is longer than it said:\n${this.#head}`);
    this.#missing = missing;
    this.#body.push(chunk);
    if (missing > 0) return;
    const body = this.#body.length === 1 ? chunk : Buffer.concat(this.#body);
    this.#missing = undefined;
    this.#body = [];
    this.#events.onAnswer({
      status: this.#status,
      head: this.#head,
      body,
      latencyMs: performance.now() - this.#sentAtMs,
    });
    this.#send();
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#run.reject(error);
      this.#socket.destroy();
    }
  }
}

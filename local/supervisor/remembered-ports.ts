import { freePort } from '../servers/free-port.ts';
import { readOptional, replaceFile } from './small-files.ts';

const highestPort = 65_535;

/** The ports of the last start, so that addresses stay the same as long as nobody else has taken them. */
export class RememberedPorts {
  readonly #file: string;
  readonly #ports: Record<string, number>;

  private constructor(file: string, ports: Record<string, number>) {
    this.#file = file;
    this.#ports = ports;
  }

  static async read(file: string): Promise<RememberedPorts> {
    return new RememberedPorts(file, portsIn((await readOptional(file)) ?? '{}', file));
  }

  /** The port for a server: the one it had, or another that is free and chosen for nobody else here. */
  async choose(name: string): Promise<number> {
    const others = Object.entries(this.#ports).filter(([other]) => other !== name);
    let port = await freePort(this.#ports[name]);
    while (others.some(([, taken]) => taken === port)) port = await freePort();
    this.#ports[name] = port;
    return port;
  }

  async save(): Promise<void> {
    await replaceFile(this.#file, `${JSON.stringify(this.#ports)}\n`);
  }
}

/** Throws for a person: what is wrong with the file, and what to do. */
function portsIn(text: string, file: string): Record<string, number> {
  const wrong = (what: string) =>
    new Error(`${file} is not what tiershop wrote: ${what}. Delete it; other ports are chosen, and the data stays.`);
  let ports: unknown;
  try {
    ports = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON (${error instanceof Error ? error.message : error})`);
  }
  if (typeof ports !== 'object' || ports === null || Array.isArray(ports)) throw wrong('it is no JSON object');
  const read: Record<string, number> = {};
  for (const [name, port] of Object.entries(ports)) {
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > highestPort) {
      throw wrong(`"${name}" is ${JSON.stringify(port)}, which is no port`);
    }
    read[name] = port;
  }
  return read;
}

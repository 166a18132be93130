import { freePort } from '../servers/free-port.ts';
import { readOptional, replaceFile } from './small-files.ts';

/** The ports of the last start, so that addresses stay the same as long as nobody else has taken them. */
export class RememberedPorts {
  readonly #file: string;
  readonly #ports: Record<string, number>;

  private constructor(file: string, ports: Record<string, number>) {
    this.#file = file;
    this.#ports = ports;
  }

  static async read(file: string): Promise<RememberedPorts> {
    return new RememberedPorts(file, JSON.parse((await readOptional(file)) ?? '{}') as Record<string, number>);
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

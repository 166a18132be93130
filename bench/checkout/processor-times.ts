import { cpuSecondsWithChildren } from '../harness/cpu-time.ts';

/** Process ids by what they are; several of one kind are added up. */
type Processes = Readonly<Record<string, number | undefined | readonly (number | undefined)[]>>;

/** How much processor time each kind of process spends on a flow: which one is the limit. */
export class ProcessorTimes {
  readonly #processes: Processes;
  readonly #spent = new Map<string, number>();
  #flows = 0;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#read();
    const result = await work();
    for (const [name, seconds] of this.#read()) {
      this.#spent.set(name, (this.#spent.get(name) ?? 0) + seconds - (before.get(name) ?? 0));
    }
    return result;
  }

  addFlows(flows: number): void {
    this.#flows += flows;
  }

  /** In milliseconds, as text. */
  perFlow(): string {
    return [...this.#spent].map(([name, s]) => `${name} ${((s * 1_000) / this.#flows).toFixed(2)} ms`).join(', ');
  }

  #read(): Map<string, number> {
    return new Map(
      Object.entries(this.#processes).map(([name, pids]) => [
        name,
        [pids].flat().reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : cpuSecondsWithChildren(pid)), 0),
      ]),
    );
  }
}

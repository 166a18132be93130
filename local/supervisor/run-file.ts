import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcess } from '../servers/running-process.ts';
import type { Connections } from './connections.ts';
import type { DataDirectory } from './data-directory.ts';
import type { ServerPids } from './embedded-servers.ts';
import { createFile, makeDirectory, readOptional, replaceFile } from './small-files.ts';

/** What every process that holds a data directory has in its command line. */
export const holderMark = 'local/commands/';
const settleMs = 50;

/** `.data/run.json`: who holds the data directory, and where the shop and its servers are reached. */
export interface Run {
  /** `start`: the shop runs. `cli`: one command has started the servers for itself. */
  kind: 'start' | 'cli';
  pid: number;
  startedAt: string;
  /** The shop's own address, from the moment it serves. */
  address?: string | undefined;
  connections?: Connections | undefined;
  pids?: ServerPids & { application: number | undefined };
}

/** Somebody else holds the data directory. */
export class AlreadyRunning extends Error {
  readonly run: Run;

  constructor(run: Run) {
    const where = run.address ? ` at ${run.address}` : '';
    super(
      run.kind === 'start'
        ? `tiershop runs already${where} (pid ${run.pid}). Stop it with Ctrl-C where it runs, or with: kill ${run.pid}`
        : `Another command (pid ${run.pid}) is using the local servers. Try again when it has ended.`,
    );
    this.run = run;
  }
}

/** The run recorded in a data directory, alive or not. */
export async function readRun(data: DataDirectory): Promise<Run | undefined> {
  const text = await readOptional(data.runFile);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Run);
  } catch {
    return undefined; // cut off by a crash: as good as none
  }
}

/** The run that holds a data directory now. */
export async function liveRun(data: DataDirectory): Promise<Run | undefined> {
  const run = await readRun(data);
  return run && isProcess(run.pid, holderMark) ? run : undefined;
}

/** The holder's own entry, kept up to date until it is released. */
export class RunFile {
  readonly #data: DataDirectory;
  #run: Run;
  #writing: Promise<void> = Promise.resolve();

  private constructor(data: DataDirectory, run: Run) {
    this.#data = data;
    this.#run = run;
  }

  /**
   * Takes the data directory for this process. Throws `AlreadyRunning` when somebody alive holds it.
   * @returns the entry, and what a holder that died has left
   */
  static async claim(data: DataDirectory, kind: Run['kind']): Promise<{ runFile: RunFile; left: Run | undefined }> {
    await makeDirectory(data.root);
    const runFile = new RunFile(data, { kind, pid: process.pid, startedAt: new Date().toISOString() });
    if (await createFile(data.runFile, runFile.#text())) return { runFile, left: undefined };

    const holder = await liveRun(data);
    if (holder) throw new AlreadyRunning(holder);
    const left = await readRun(data);
    await runFile.update({});
    // Two that found the same dead holder both write; the later one holds it.
    await sleep(settleMs);
    const winner = await readRun(data);
    if (winner && winner.pid !== process.pid) throw new AlreadyRunning(winner);
    return { runFile, left };
  }

  get run(): Run {
    return this.#run;
  }

  async update(changes: Partial<Run>): Promise<void> {
    this.#run = { ...this.#run, ...changes };
    this.#writing = this.#writing.then(() => replaceFile(this.#data.runFile, this.#text()));
    await this.#writing;
  }

  async release(): Promise<void> {
    await this.#writing;
    await rm(this.#data.runFile, { force: true });
  }

  #text(): string {
    return `${JSON.stringify(this.#run, null, 2)}\n`;
  }
}

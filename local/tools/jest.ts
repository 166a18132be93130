import { availableParallelism } from 'node:os';

const workerOptions = /^(-w|-i|--maxWorkers(=.*)?|--runInBand)$/;
const everyCpuUpTo = 4;

/** How Jest is started: on native ES modules, with as many workers as the machine bears. */
export function jestArguments(args: readonly string[], cpus: number = availableParallelism()): string[] {
  const node = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  // By itself Jest leaves a CPU free, which on two of them means one worker; tests here mostly wait for servers.
  const workers = cpus <= everyCpuUpTo ? cpus : cpus - 1;
  const limit = args.some((arg) => workerOptions.test(arg)) ? [] : [`--maxWorkers=${workers}`];
  return [...node, 'node_modules/jest/bin/jest.js', ...limit, ...args];
}

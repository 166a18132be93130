import { describe, expect, it } from '@jest/globals';
import { jestArguments } from './jest.ts';

const workersOf = (args: string[], cpus: number) =>
  jestArguments(args, cpus).filter((arg) => arg.startsWith('--maxWorkers'));

describe('jestArguments', () => {
  it('uses every CPU of a small machine, and leaves one free on a large one', () => {
    expect(workersOf([], 2)).toEqual(['--maxWorkers=2']);
    expect(workersOf([], 8)).toEqual(['--maxWorkers=7']);
  });

  it.each([['-w'], ['--maxWorkers'], ['--maxWorkers=1'], ['-i'], ['--runInBand']])(
    'leaves %s to the caller',
    (option) => {
      expect(workersOf([option], 2)).toEqual(option === '--maxWorkers=1' || option === '--maxWorkers' ? [option] : []);
    },
  );

  it('hands everything else on, after its own', () => {
    expect(jestArguments(['test/e2e', '-t', 'cart'], 2).slice(-3)).toEqual(['test/e2e', '-t', 'cart']);
  });
});

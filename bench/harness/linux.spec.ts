import { describe, expect, it } from '@jest/globals';
import { cpuSeconds, parseCpuSeconds } from './cpu-time.ts';
import { bound, parseProcessors } from './processors.ts';

describe('CPU time', () => {
  it('is user and kernel time, whatever the program is called', () => {
    const stat = (name: string) => `42 (${name}) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 5 6 7`;
    expect(parseCpuSeconds(stat('node'))).toBe(3);
    expect(parseCpuSeconds(stat('no de) S 9 9'))).toBe(3);
    expect(() => parseCpuSeconds('nothing')).toThrow('/proc');
  });

  it('can be read of a running process', () => {
    expect(cpuSeconds(process.pid)).toBeGreaterThan(0);
  });
});

describe('processors', () => {
  it('are read from lists of numbers and ranges', () => {
    const status = (list: string) => `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`;
    expect(parseProcessors(status('0-1'))).toEqual([0, 1]);
    expect(parseProcessors(status('3'))).toEqual([3]);
    expect(parseProcessors(status('0-2,6,8-9'))).toEqual([0, 1, 2, 6, 8, 9]);
    expect(parseProcessors('')).toEqual([]);
  });

  it('are named in front of a command, if at all', () => {
    expect(bound(1, ['node', 'a.js'])).toEqual(['taskset', '-c', '1', 'node', 'a.js']);
    expect(bound(undefined, ['node'])).toEqual(['node']);
  });
});

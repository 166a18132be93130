import { describe, expect, it } from '@jest/globals';
import { helpText, parseCommand } from './options.ts';

const known = ['http', 'cache'];
const parse = (...args: string[]) => parseCommand(args, known);

describe('parseCommand', () => {
  it('has a default for everything', () => {
    expect(parse('http')).toEqual({
      kind: 'run',
      suites: ['http'],
      json: false,
      options: { rounds: 5, seconds: 1, connections: 64 },
    });
    expect(parse()).toMatchObject({ kind: 'run', suites: known });
  });

  it('takes what it is given', () => {
    expect(parse('cache', '--json', '--rounds', '3', '--seconds=0.5', '--connections', '8')).toEqual({
      kind: 'run',
      suites: ['cache'],
      json: true,
      options: { rounds: 3, seconds: 0.5, connections: 8 },
    });
  });

  it.each([
    ['unknown'],
    ['--unknown'],
    ['--json'],
    ['http', '--rounds', '0'],
    ['http', '--rounds', '1.5'],
    ['http', '--rounds', 'many'],
    ['http', '--rounds'],
    ['http', '--seconds', '-1'],
    ['http', '--connections', '1000000'],
  ])('refuses %s %s %s', (...args) => {
    expect(parse(...args).kind).toBe('wrong');
  });

  it('helps wherever it is asked to', () => {
    expect(parse('http', '--help').kind).toBe('help');
    expect(parse('-h').kind).toBe('help');
    expect(helpText({ http: { summary: 'of HTTP' } })).toMatch(/http\s+of HTTP[\s\S]*--connections/);
  });
});

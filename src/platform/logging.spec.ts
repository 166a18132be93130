import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { orWarn } from './logging.js';

test('a failure that does no harm is logged with what it is about, and not thrown', async () => {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  await orWarn(logger, Promise.resolve(), 'nothing');
  await orWarn(logger, Promise.reject(new TypeError('a fault of the program')), 'not given back', { holdId: 'h1' });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 40,
      msg: 'not given back',
      holdId: 'h1',
      err: expect.objectContaining({ type: 'TypeError', message: 'a fault of the program' }),
    }),
  ]);
});

import { expect, test } from '@jest/globals';
import pg from 'pg';
import { together } from './together.js';

function refused(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError(`refused with ${code}`, 0, 'error');
  error.code = code;
  return error;
}

test('gives what each of them gave, in their order', async () => {
  const slow = new Promise<number>((resolve) => setImmediate(() => resolve(1)));
  expect(await together([slow, Promise.resolve('two')])).toEqual([1, 'two']);
});

test('waits for all of them, also when one has failed', async () => {
  let over = false;
  const slow = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    over = true;
  });
  await expect(together([Promise.reject(new Error('short')), slow])).rejects.toThrow('short');
  expect(over).toBe(true);
});

test('throws what went wrong first, not what PostgreSQL then says to the statements behind it', async () => {
  const behind = Promise.reject(refused('25P02'));
  await expect(together([behind, Promise.reject(refused('23505'))])).rejects.toMatchObject({ code: '23505' });
  const both = [Promise.reject(new Error('lost')), Promise.reject(refused('23505'))] as const;
  await expect(together(both)).rejects.toThrow('lost');
  await expect(together([Promise.reject(refused('25P02'))])).rejects.toMatchObject({ code: '25P02' });
});

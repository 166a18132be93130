import { expect, test } from '@jest/globals';
import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';
import { AppError, invalidField } from '../errors.js';
import { inWords } from '../validation-words.js';
import { problemDocument, toProblem } from './problem.js';
import { validationError } from './validation.js';

test.each([
  new AppError('out_of_stock', { extra: { lines: [] }, retryAfterS: 3 }),
  invalidField('a.b', 'bad', 'is bad'),
  new BadRequestException('no'),
  new Error('select * from secrets'),
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  'not even an error',
])('whatever is thrown becomes a problem document: %p', (thrown) => {
  const problem = toProblem(thrown, 'r-1');
  const body = problemDocument.parse(problem.body);
  expect(body.requestId).toBe('r-1');
  expect(JSON.stringify(body)).not.toContain('secrets');
  expect(problem.failure !== undefined).toBe(problem.status >= 500);
});

test('an exception of another copy of Nest keeps its status and its text', () => {
  const foreign = Object.assign(new Error('so not'), { getStatus: () => 403 });
  expect(toProblem(foreign, 'r')).toMatchObject({ status: 403, body: { detail: 'so not' } });
});

test('a store that is down is 503 with Retry-After, not 500', () => {
  const problem = toProblem(new Error('Command timed out'), 'r');
  expect(problem).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])('a store that cannot be reached (%s) is down', (code) => {
  const cause = Object.assign(new Error('no connection'), { code });
  expect(toProblem(new Error('Failed query', { cause }), 'r').status).toBe(503);
});

test('validation names each field, unknown ones too', () => {
  const schema = z.strictObject({ lines: z.array(z.strictObject({ quantity: z.int() })) });
  const { error } = schema.safeParse({ lines: [{ quantity: 'x', extra: 1 }], nobody: 2 });
  expect(validationError(error!.issues).options.errors?.map(({ field, code }) => [field, code])).toEqual([
    ['lines.0.quantity', 'invalid_type'],
    ['lines.0.extra', 'unknown_field'],
    ['nobody', 'unknown_field'],
  ]);
});

test('what breaks two rules of a field is told once when both are told the same way', () => {
  const { error } = z.object({ quantity: z.int().min(1).max(9) }).safeParse({ quantity: 1e99 }, { error: inWords });
  expect(error?.issues.length).toBeGreaterThan(1);
  expect(validationError(error!.issues).options.errors).toMatchObject([
    { field: 'quantity', text: 'must be a whole number from 1 to 9' },
  ]);
});

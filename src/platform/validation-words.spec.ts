import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { plainText } from './http/plain-text.js';
import { inWords } from './validation-words.js';

const saidOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: inWords }).error?.issues.map(({ message }) => message);

const quantity = z.int().min(1).max(100);
const limit = z.coerce.number().int().min(1).max(100);
const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed') }),
  z.object({ kind: z.literal('percentage') }),
]);
const names = z.record(z.string().regex(/^[a-z]+$/, 'must be small letters'), z.number());

describe('what is said of a value', () => {
  test.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'is required'],
    [z.enum(['a', 'b']), undefined, 'is required'],
    [quantity, undefined, 'is required'],
    [z.object({}), undefined, 'is required'],
    [z.string(), 7, 'must be a text'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.object({}), [], 'must be an object'],
    [quantity, 'x', 'must be a whole number from 1 to 100'],
    [quantity, 0, 'must be a whole number from 1 to 100'],
    [quantity, 101, 'must be a whole number from 1 to 100'],
    [quantity, 1.5, 'must be a whole number from 1 to 100'],
    [limit, 'abc', 'must be a whole number from 1 to 100'],
    [limit, '0', 'must be a whole number from 1 to 100'],
    [z.int().min(0), -1, 'must be a whole number, 0 or more'],
    [z.number().max(1), 2, 'must be a number, 1 or less'],
    [z.int(), 'x', 'must be a whole number'],
    [plainText(1, 100), '', 'must have at least 1 character'],
    [plainText(1, 100), 'x'.repeat(101), 'must have at most 100 characters'],
    [plainText(1, 100), '\0', 'must not contain control characters'],
    [z.array(z.int()).min(1), [], 'must have at least 1 entry'],
    [z.array(z.int()).max(2), [1, 2, 3], 'must have at most 2 entries'],
    [z.enum(['true', 'false']), 'x', 'must be true or false'],
    [z.enum(['a', 'b', 'c']), 'x', 'must be one of a, b, c'],
    [z.literal(true), false, 'must be true'],
    [z.email(), 'x', 'must be an e-mail address, like ada@example.com'],
    [z.uuid(), 'x', 'must be a UUID, like 0190f3a2-7b1c-7def-8a4e-3c2b1a098765'],
    [z.iso.datetime(), 'x', 'must be a moment in ISO 8601, like 2026-01-31T12:00:00Z'],
    [shape, { kind: 'free' }, 'must be fixed or percentage'],
    [
      z.union([plainText(0, 5), z.number(), z.boolean()]),
      [],
      'must be a text, or must be a number, or must be true or false',
    ],
    [names, { A: 1 }, 'must be small letters'],
  ])('%#', (schema, value, said) => {
    expect(saidOf(schema, value)).toEqual([said]);
  });
});

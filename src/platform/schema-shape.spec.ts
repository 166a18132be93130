import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { shapeOf } from './schema-shape.js';

const shape = () => z.object({ id: z.string(), lines: z.array(z.object({ quantity: z.int() })) });

describe('the shape of a schema', () => {
  it('is the same for the same schema, in every process', () => {
    expect(shapeOf(shape())).toBe(shapeOf(shape()));
  });

  it.each([
    ['a member more', shape().extend({ note: z.string() })],
    ['one that may be missing', shape().partial({ id: true })],
    ['another type deep inside', shape().extend({ lines: z.array(z.object({ quantity: z.string() })) })],
  ])('is another one with %s', (_what, other) => {
    expect(shapeOf(other)).not.toBe(shapeOf(shape()));
  });
});

import { z } from 'zod';

/**
 * One line of text from a client. Control characters and half surrogate pairs are refused: nobody means them, and
 * PostgreSQL takes neither NUL in text nor half a pair in jsonb.
 */
export const plainText = (minLength: number, maxLength: number) =>
  z
    .string()
    .min(minLength)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');

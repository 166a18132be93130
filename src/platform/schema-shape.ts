import { hash } from 'node:crypto';
import { z } from 'zod';

/**
 * A short name for what documents of this schema look like; another release with another schema has another one. What was
 * stored under the same name was written by this very code and fits: it need not be validated again each time it is read.
 */
export function shapeOf(schema: z.ZodType): string {
  const described = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }));
  return hash('sha256', described, 'base64url').slice(0, 12);
}

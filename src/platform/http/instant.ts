import { z } from 'zod';

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A moment as a client sends it (ISO 8601), in the years 1 to 9999: PostgreSQL cannot read others, or not as written. */
export const instant = z.iso.datetime({ offset: true, abort: true }).refine((text) => {
  const atMs = Date.parse(text);
  return atMs >= FIRST_MS && atMs <= LAST_MS;
}, 'must lie in the years 1 to 9999');

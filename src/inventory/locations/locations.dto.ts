import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.js';
import { MAX_LOCATIONS } from './location-administration.service.js';

const fields = {
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or a digit')
    // Whoever names a location gives its id or its code.
    .refine((code) => !z.uuid().safeParse(code).success, 'must not look like an id'),
  name: plainText(1, 200),
  rank: z.int().min(-1_000_000).max(1_000_000).describe('Stock is taken from the smallest rank first.'),
  active: z.boolean().describe('Whether stock is taken from it.'),
};

export const locationParams = z.strictObject({ location: plainText(1, 63).describe('Id or code.') });

export const locationRequest = z
  .strictObject({ ...fields, rank: fields.rank.default(0), active: fields.active.default(true) })
  .meta({ id: 'LocationRequest' });

export const locationChanges = z.strictObject(fields).partial().meta({ id: 'LocationChanges' });

export const locationAnswer = z.object({ id: z.string(), ...fields, code: z.string() }).meta({ id: 'Location' });

export const locationList = z.object({
  items: z.array(locationAnswer).describe(`By rank; at most ${MAX_LOCATIONS}, so there are no pages.`),
});

export type LocationParams = z.infer<typeof locationParams>;
export type LocationRequest = z.infer<typeof locationRequest>;
export type LocationChangesRequest = z.infer<typeof locationChanges>;

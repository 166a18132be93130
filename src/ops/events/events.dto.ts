import { z } from 'zod';
import { pageOf, pageQuery } from '../../platform/http/page.js';

export const deadEventsQuery = z.strictObject(pageQuery);
export const deadEventParams = z.strictObject({
  id: z.string().regex(/^[1-9]\d{0,17}$/, 'must be the id of an event'),
});

export const deadEvent = z
  .object({
    id: z.string(),
    event: z.string(),
    payload: z.record(z.string(), z.unknown()),
    attempts: z.int(),
    createdAt: z.iso.datetime(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'DeadEvent' });
export const deadEvents = pageOf(deadEvent);

/** Where the next page of dead events begins. */
export const deadEventPosition = z.tuple([z.string().regex(/^\d{1,18}$/)]);

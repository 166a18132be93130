import { z } from 'zod';
import { pageOf, pageQuery } from '../../platform/http/page.js';
import { plainText } from '../../platform/http/plain-text.js';

export const collection = z
  .object({
    id: z.uuid(),
    handle: z.string().meta({ example: 'summer' }),
    title: z.string(),
    descriptionHtml: z.string().describe("The shop's own HTML, as it was given."),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Collection' });

export type CollectionDocument = z.infer<typeof collection>;

export const collectionPage = pageOf(collection).meta({ id: 'CollectionPage' });
export type CollectionPage = z.infer<typeof collectionPage>;

export const collectionListQuery = z.strictObject(pageQuery);
export type CollectionListQuery = z.infer<typeof collectionListQuery>;

export const collectionParams = z.strictObject({ handle: plainText(1, 255) });

/** What a cursor of the list carries: the title in lower case, cut, then the id. */
export const collectionCursor = z.tuple([z.string().max(64), z.uuid()]);

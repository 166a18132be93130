import type { FastifyReply } from 'fastify';
import { invalidField } from '../../platform/errors.js';

/** The versions a change may be made to; undefined: any. */
export type ExpectedVersions = readonly number[] | undefined;

/**
 * Reads an `If-Match` header (RFC 9110, section 13.1.1) whose entity tags are versions: `"5"`, `"5", "6"` or `*`.
 * A weak tag, or one that is not ours, matches nothing.
 * @throws AppError `validation_failed` when the header is not a list of entity tags.
 */
export function parseIfMatch(header: string | undefined): ExpectedVersions {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = header.split(',').map((tag) => tag.trim());
  if (header.length > 200 || tags.some((tag) => !/^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag))) {
    throw invalidField('If-Match', 'invalid_header', 'must be the ETag of an answer, like "5", or *');
  }
  return tags.flatMap((tag) => (/^"\d{1,15}"$/.test(tag) ? Number(tag.slice(1, -1)) : []));
}

/** Gives an answer its ETag, for `If-Match` of the next change. */
export function withEtag<T extends { readonly version: number }>(reply: FastifyReply, answer: T): T {
  void reply.header('etag', `"${answer.version}"`);
  return answer;
}

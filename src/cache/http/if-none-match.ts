/** Longest header that is looked at; a longer one is taken as not matching, which only costs a full answer. */
const MAX_LENGTH = 8_192;

/**
 * Whether an `If-None-Match` header names the entity tag, by weak comparison (RFC 9110, sections 8.8.3.2 and 13.1.2):
 * `*`, one tag, or a list of tags, each perhaps marked `W/`.
 */
export function ifNoneMatchHolds(header: string, etag: string): boolean {
  if (header === etag) return true;
  if (header.length > MAX_LENGTH) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.startsWith('W/') ? etag.slice(2) : etag;
  for (const [tag] of header.matchAll(/"[^"]*"/g)) {
    if (tag === opaque) return true;
  }
  return false;
}

// The setting CORS_ORIGINS. Its origins are compared letter by letter with what browsers send, so one that is written in
// another way would never match: it is refused, with the reason and the right spelling.
import { z } from 'zod';

const EXPECTED = 'must list origins, like https://shop.example, with commas between';

/** `https://shop.example,http://localhost:5173` → both, as browsers name them; duplicates are dropped. */
export const namedOrigins = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))])
  .pipe(
    z.array(z.string().superRefine((text, ctx) => wrongWith(text).forEach((message) => void ctx.addIssue(message)))),
  );

/** What is wrong when it is no origin: a scheme and a host, a port only where it is not the usual one, and nothing after. */
function wrongWith(text: string): string[] {
  if (text.includes('*')) return [`"${text}" has a *, which matches nothing here; name each origin in full`];
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const url = URL.parse(scheme ? text : `https://${text}`);
  if (!url) return [EXPECTED];
  if (!scheme) return [`"${text}" has no scheme; write https://${url.host} or http://${url.host}`];
  if (scheme !== 'https' && scheme !== 'http') return [`"${text}" must begin with https:// or http://`];
  if (url.origin === text) return [];
  const reasons = differences(text, url);
  return [`"${text}" ${reasons.join(' and ') || 'is not how browsers write it'}; write ${url.origin}`];
}

function differences(text: string, { port, username }: URL): string[] {
  const [, beginning = '', rest = ''] = /^(\w+:\/\/[^/?#]*)(.*)$/s.exec(text) ?? [];
  return [
    username !== '' && 'has a user name',
    /[A-Z]/.test(beginning) && 'has capital letters',
    port === '' && /:\d*$/.test(beginning) && 'names the usual port',
    rest === '/' && 'ends with a slash',
    rest.length > 1 && 'has a path',
  ].filter((reason) => reason !== false);
}

// Reads single cells. `undefined` always means that the text is not such a value.

/** Text without control characters (PostgreSQL takes no NUL) and without space around it. Line breaks and tabs stay. */
export function cleanText(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}/gu, '').trim();
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ');
}

/** Lower-case letters, digits, `-` and `_` of any script; anything else becomes a `-`. Empty when nothing is left. */
export function toHandle(text: string): string {
  return cutText(text.normalize('NFC').toLowerCase(), MAX_HANDLE_LENGTH)
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}

/** The first characters, without half of a surrogate pair. */
export function cutText(text: string, max: number): string {
  return text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
}

export const MAX_HANDLE_LENGTH = 200;

export function parseFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['true', 'yes', 'y', '1'].includes(word)) return true;
  if (['false', 'no', 'n', '0'].includes(word)) return false;
  return undefined;
}

/** Whether a product of this status is shown. */
export function parseStatus(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'active') return true;
  return ['draft', 'archived', 'unlisted'].includes(word) ? false : undefined;
}

/** `deny`, `continue` in any case; the newer header asks a question, so a yes means `continue`. */
export function parsePolicy(text: string): 'deny' | 'backorder' | undefined {
  const word = text.toLowerCase();
  if (word === 'continue') return 'backorder';
  if (word === 'deny') return 'deny';
  const flag = parseFlag(word);
  return flag === undefined ? undefined : flag ? 'backorder' : 'deny';
}

export const MAX_QUANTITY = 999_999_999;

/** A whole number up to MAX_QUANTITY, which some programs write as `12.0`. May be negative. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(-?\d{1,9})(?:\.0+)?$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

/** Grams to the nearest whole one: `113.398` is 113. */
export function parseGrams(text: string): number | undefined {
  return /^\d{1,9}(\.\d+)?$/.test(text) ? Math.round(Number(text)) : undefined;
}

/** Tags between commas, each once in any case. */
export function parseTags(text: string): string[] {
  const byKey = new Map<string, string>();
  for (const part of text.split(',')) {
    const tag = cleanLine(part);
    const key = tag.toLowerCase();
    if (tag !== '' && !byKey.has(key)) byKey.set(key, tag);
  }
  return [...byKey.values()];
}

export function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);
}

// Keys made of several parts, written in one way only, so that one question has one key.
import { invalidField } from '../platform/errors.js';
import { cacheLimits } from './cache-policy.js';

/** Named parts of a key; an undefined one leaves no trace. */
export type KeyParts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * One key for a set of named parts, whatever their order; absent parts leave no trace. Reversible by
 * `parseCompositeKey`, so that a loader needs nothing but the key. Callers normalize the values (case, defaults).
 * @throws AppError `validation_failed` when the parts are too long for a key.
 */
export function compositeKey(parts: KeyParts): string {
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  const key = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  if (key.length > cacheLimits.maxKeyLength) throw invalidField('query', 'too_long', 'is too long');
  return key;
}

/** The parts of a key made by `compositeKey`, as text. */
export function parseCompositeKey(key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(key));
}

// The message for a value that its schema refuses: a sentence for people that begins with the name of the field, like "limit
// must be a whole number from 1 to 100". A schema that says it better has a message of its own.
import { z } from 'zod';

/** The error map for everything that comes from outside: requests and settings. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  const isMissing = issue.input === undefined && issue.code !== 'custom';
  return isMissing ? 'is required' : wordsOf(issue);
};

function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return numberWords(issue.schema) ?? `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return numberWords(issue.schema) ?? sizeWords(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return numberWords(issue.schema) ?? sizeWords(issue.origin, 'at most', issue.maximum);
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `a ${issue.format}`}`;
    case 'invalid_union':
      return unionWords(issue);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0]?.message;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

const formats: Readonly<Record<string, string>> = {
  email: 'an e-mail address, like ada@example.com',
  uuid: 'a UUID, like 0190f3a2-7b1c-7def-8a4e-3c2b1a098765',
  url: 'a URL, like https://example.com/path',
  datetime: 'a moment in ISO 8601, like 2026-01-31T12:00:00Z',
  date: 'a day in ISO 8601, like 2026-01-31',
};

/** The whole range, whichever end of it was missed. */
function numberWords(schema: z.core.$ZodType | undefined): string | undefined {
  if (!(schema instanceof z.ZodNumber)) return undefined;
  const min = boundOf(schema.minValue);
  const max = boundOf(schema.maxValue);
  const range = min !== undefined && max !== undefined ? ` from ${min} to ${max}` : openRange(min, max);
  return `must be a ${schema.isInt ? 'whole ' : ''}number${range}`;
}

function openRange(min: number | undefined, max: number | undefined): string {
  if (min !== undefined) return `, ${min} or more`;
  return max === undefined ? '' : `, ${max} or less`;
}

/** Bounds at the ends of what a number can hold were set by nobody. */
function boundOf(value: number | null): number | undefined {
  return value === null || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}

const units: Readonly<Record<string, readonly [one: string, many: string]>> = { string: ['character', 'characters'] };

function sizeWords(origin: string, how: 'at least' | 'at most', bound: number | bigint): string {
  const [one, many] = units[origin] ?? ['entry', 'entries'];
  return `must have ${how} ${bound} ${Number(bound) === 1 ? one : many}`;
}

function oneOf(values: readonly unknown[]): string {
  return `must be ${values.length > 2 ? 'one of ' : ''}${values.map(String).join(values.length > 2 ? ', ' : ' or ')}`;
}

function unionWords(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  if (Array.isArray(issue.options)) return oneOf(issue.options);
  const ways = issue.errors.flatMap(([first]) => first?.message ?? []);
  return ways.length > 0 ? [...new Set(ways)].join(', or ') : undefined;
}

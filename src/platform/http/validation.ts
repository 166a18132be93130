import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';
import { type AppError, type FieldError, invalidFields } from '../errors.js';
import { inWords } from '../validation-words.js';

const MAX_REPORTED_ERRORS = 50;

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Schema = NonNullable<ArgumentMetadata['schema']>;

class StrictPipe extends StandardSchemaValidationPipe {
  /** Nest would drop `constructor` and the like without a word; here the schemas decide, which refuse what they do not know. */
  protected override stripProtoKeys(): void {}

  /** With our texts, given to each call: set for all of zod, they would also apply to whoever uses our modules. */
  protected override validate<T>(value: unknown, schema: Schema) {
    if (!(schema instanceof z.ZodType)) return super.validate<T>(value, schema);
    const { data, error } = schema.safeParse(value, { error: inWords });
    return error ? { issues: error.issues } : { value: data as T };
  }
}

/** Checks body, query and params of every route against the zod schema given in its decorator. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StrictPipe({
    exceptionFactory: (issues) => validationError(issues),
  });
}

/** A `validation_failed` error that names each wrong field; a field that breaks two rules with one text is named once. */
export function validationError(issues: readonly Issue[]): AppError {
  const errors = issues.flatMap(fieldErrors);
  const once = new Map(errors.map((error) => [`${error.field} ${error.text}`, error]));
  return invalidFields([...once.values()].slice(0, MAX_REPORTED_ERRORS));
}

function fieldErrors(issue: Issue): FieldError[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  const code = 'code' in issue && typeof issue.code === 'string' ? issue.code : 'invalid';
  if (code === 'unrecognized_keys' && 'keys' in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      field: [...path, String(key)].join('.'),
      code: 'unknown_field',
      text: 'is not a known field; leave it out',
    }));
  }
  return [{ field: path.join('.') || 'body', code, text: issue.message }];
}

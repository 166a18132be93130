import { StandardSchemaValidationPipe } from '@nestjs/common';
import { AppError, type FieldError } from '../errors.js';

const MAX_REPORTED_ERRORS = 50;

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Nest would drop `constructor` and the like without a word; here the schemas decide, which refuse what they do not know. */
class StrictPipe extends StandardSchemaValidationPipe {
  protected override stripProtoKeys(): void {}
}

/** Checks body, query and params of every route against the zod schema given in its decorator. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StrictPipe({
    exceptionFactory: (issues) => validationError(issues),
  });
}

/** A `validation_failed` error that names each wrong field. */
export function validationError(issues: readonly Issue[]): AppError {
  const errors = issues.flatMap(fieldErrors).slice(0, MAX_REPORTED_ERRORS);
  const fields = [...new Set(errors.map((error) => error.field))].slice(0, 5).join(', ');
  return new AppError('validation_failed', { detail: `Please correct: ${fields}.`, errors });
}

function fieldErrors(issue: Issue): FieldError[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  const code = 'code' in issue && typeof issue.code === 'string' ? issue.code : 'invalid';
  if (code === 'unrecognized_keys' && 'keys' in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      field: [...path, String(key)].join('.'),
      code: 'unknown_field',
      text: 'is not a known field',
    }));
  }
  return [{ field: path.join('.') || 'body', code, text: issue.message }];
}

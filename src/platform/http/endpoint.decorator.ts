import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import { ErrorResponses } from './error-responses.decorator.js';

export interface EndpointOptions {
  /** One line for the reference: what the route does. */
  readonly summary: string;
  readonly description?: string;
  /** Status → what is answered; the first one is the status of success. */
  readonly responses?: Readonly<Record<number, z.ZodType>>;
  /** The route answers 204 without a body. */
  readonly noContent?: boolean;
  /** Expected errors besides `validation_failed` and those that the guards of the route add. */
  readonly errors?: readonly ErrorCode[];
}

/** Documents a route in the OpenAPI document and sets its status of success. */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  const answers = Object.entries(options.responses ?? {});
  const success = options.noContent ? 204 : Number(answers[0]?.[0] ?? 200);
  return applyDecorators(
    HttpCode(success),
    ApiOperation({ summary: options.summary, ...(options.description && { description: options.description }) }),
    ...answers.map(([status, schema]) =>
      ApiResponse({
        status: Number(status),
        description: schema.description ?? options.summary,
        standardSchema: schema,
      }),
    ),
    ...(options.noContent ? [ApiResponse({ status: 204, description: options.summary })] : []),
    ErrorResponses('validation_failed', ...(options.errors ?? [])),
  );
}

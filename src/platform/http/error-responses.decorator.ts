import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type ErrorCode, errorRegistry } from '../errors.js';
import { problemDocument } from './problem.js';

/** Documents errors that a route may answer. Each decorator of a route may name its own: they add up. */
export function ErrorResponses(...codes: readonly ErrorCode[]): MethodDecorator {
  const byStatus = Map.groupBy(codes, (code) => errorRegistry[code].status);
  return applyDecorators(
    ...[...byStatus].map(([status, ofStatus]) =>
      ApiResponse({
        status,
        description: ofStatus.map((code) => `\`${code}\``).join(', '),
        standardSchema: problemDocument,
      }),
    ),
  );
}

import type { FastifyRequest } from 'fastify';

const callers = new WeakMap<FastifyRequest, string>();

/** Guards note whom they have let in. @param caller with its kind, like `customer:<id>` */
export function noteCaller(request: FastifyRequest, caller: string): void {
  callers.set(request, caller);
}

/** Who sends the request; undefined for a guest. */
export function callerOf(request: FastifyRequest): string | undefined {
  return callers.get(request);
}

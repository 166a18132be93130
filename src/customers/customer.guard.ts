import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { noteCaller } from '../platform/auth/caller.js';
import { bearerToken } from '../platform/auth/require-admin.decorator.js';
import { AppError } from '../platform/errors.js';
import { ErrorResponses } from '../platform/http/error-responses.decorator.js';
import { AccessTokens } from './access-tokens.js';

/** Who sends the request. */
export interface RequestCustomer {
  readonly customerId: string;
}

const REQUIRED = Symbol('customer required');
const customerOf = new WeakMap<FastifyRequest, RequestCustomer>();

@Injectable()
export class CustomerGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.headers.authorization === undefined) {
      if (this.reflector.get<boolean>(REQUIRED, context.getHandler())) throw refused('Send an access token');
      return true;
    }
    const token = bearerToken(request);
    const customerId = token === undefined ? undefined : await this.tokens.verify(token);
    // Also where a token is optional: a client whose session has lapsed must not go on as a guest.
    if (customerId === undefined) throw refused('The access token is not valid or has expired; send a new one');
    customerOf.set(request, { customerId });
    noteCaller(request, `customer:${customerId}`);
    return true;
  }
}

const refused = (what: string) =>
  new AppError('unauthorized', { detail: `${what} as "Authorization: Bearer <token>".` });

const guarded = (required: boolean): MethodDecorator =>
  applyDecorators(
    SetMetadata(REQUIRED, required),
    UseGuards(CustomerGuard),
    ApiBearerAuth('customer'),
    ErrorResponses('unauthorized'),
  );

/** Lets only logged-in customers reach the route: 401 otherwise. Its module imports CustomersModule. */
export const RequireCustomer = (): MethodDecorator => guarded(true);

/** Lets everybody reach the route, but refuses (401) a token that is not valid. Its module imports CustomersModule. */
export const OptionalCustomer = (): MethodDecorator => guarded(false);

/** The `RequestCustomer` of the request: undefined only behind `@OptionalCustomer()` without a token. */
export const CurrentCustomer = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  customerOf.get(context.switchToHttp().getRequest<FastifyRequest>()),
);

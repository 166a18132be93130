import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { ErrorResponses } from '../http/error-responses.decorator.js';
import { ApiKeysService, fingerprintOf, type Scope } from './api-keys.service.js';
import { noteCaller } from './caller.js';

const SCOPE = Symbol('scope');

@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ApiKeysService) private readonly keys: ApiKeysService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const needed = this.reflector.get<Scope>(SCOPE, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = bearerToken(request);
    const scopes = key === undefined ? undefined : await this.keys.scopesOf(key);
    if (key === undefined) {
      throw new AppError('unauthorized', { detail: 'Send an API key as "Authorization: Bearer <key>".' });
    }
    if (!scopes) throw new AppError('unauthorized', { detail: 'This API key is not known, or it was revoked.' });
    noteCaller(request, `key:${fingerprintOf(key)}`);
    if (scopes.includes('*') || scopes.includes(needed)) return true;
    throw new AppError('forbidden', { detail: `The key lacks the scope ${needed}.` });
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([^\s]{1,4096})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}

/** Lets only API keys with the scope reach the route. */
export function RequireAdmin(scope: Scope): MethodDecorator {
  return applyDecorators(
    SetMetadata(SCOPE, scope),
    UseGuards(AdminGuard),
    ApiBearerAuth('admin'),
    ErrorResponses('unauthorized', 'forbidden'),
  );
}

import { Body, Controller, Delete, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type ApiKey, MAX_API_KEYS } from '../../platform/auth/api-keys.repository.js';
import { ApiKeysService, SCOPES } from '../../platform/auth/api-keys.service.js';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { AppError, notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { plainText } from '../../platform/http/plain-text.js';
import { Private } from '../../platform/http/private.decorator.js';

const keyParams = z.strictObject({ id: z.uuid() });
const newApiKey = z.strictObject({
  name: plainText(1, 100),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
});
const apiKey = z
  .object({ id: z.uuid(), name: z.string(), scopes: z.array(z.string()), createdAt: z.iso.datetime() })
  .meta({ id: 'ApiKey' });
const createdApiKey = apiKey.extend({ key: z.string().describe('Shown this once.') }).meta({ id: 'CreatedApiKey' });
const apiKeys = z.object({ items: z.array(apiKey) });

/** Keys of administrators. Who may make keys may do everything: a new key may have any scope. */
@ApiTags('administration')
@Controller('v1/admin/api-keys')
export class ApiKeysController {
  constructor(@Inject(ApiKeysService) private readonly keys: ApiKeysService) {}

  @Get()
  @RequireAdmin('keys:read')
  @Private()
  @Endpoint({ summary: 'List API keys in force', responses: { 200: apiKeys } })
  async list() {
    return { items: (await this.keys.all()).map(toAnswer) };
  }

  @Post()
  @RequireAdmin('keys:write')
  @Private()
  @Endpoint({
    summary: 'Make an API key',
    description: 'Answers the key this once. Takes no Idempotency-Key: no secret is stored.',
    responses: { 201: createdApiKey },
    errors: ['limit_reached'],
  })
  async create(@Body({ schema: newApiKey }) { name, scopes }: z.infer<typeof newApiKey>) {
    const created = await this.keys.create(name, [...new Set(scopes)]);
    if (created) return { ...toAnswer(created), key: created.key };
    throw new AppError('limit_reached', { detail: `There are ${MAX_API_KEYS} keys. Revoke one first.` });
  }

  @Delete(':id')
  @RequireAdmin('keys:write')
  @Private()
  @Endpoint({
    summary: 'Revoke an API key',
    description:
      'Other processes may believe it for five seconds more. The last key that can make keys stays, unless TIERSHOP_ADMIN_KEY is set.',
    noContent: true,
    errors: ['not_found', 'last_api_key'],
  })
  async revoke(@Param({ schema: keyParams }) { id }: z.infer<typeof keyParams>): Promise<void> {
    const outcome = await this.keys.revoke(id);
    if (outcome === 'missing') throw notFound('This API key');
    if (outcome === 'last') {
      throw new AppError('last_api_key', {
        detail: 'Make another key with the scope keys:write or * first, or start the shop with TIERSHOP_ADMIN_KEY.',
      });
    }
  }
}

const toAnswer = ({ id, name, scopes, createdAt }: ApiKey): z.infer<typeof apiKey> => ({
  id,
  name,
  scopes: [...scopes],
  createdAt: createdAt.toISOString(),
});

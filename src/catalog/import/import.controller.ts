import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, type ApiOperationOptions, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { noFile } from '../../platform/http/file-bodies.js';
import { Private } from '../../platform/http/private.decorator.js';
import { cleanLine } from './cell-values.js';
import { type ImportJob, importJob, importJobParams } from './import.dto.js';
import { ImportJobsService } from './import-jobs.service.js';
import { fileOfForm } from './upload-form.js';

const file = { type: 'string', format: 'binary' } as const;
const csvOrForm: NonNullable<ApiOperationOptions['requestBody']> = {
  description: 'The CSV itself, or a form with the file in the field `file`.',
  required: true,
  content: {
    'text/csv': { schema: file },
    'multipart/form-data': { schema: { type: 'object', properties: { file }, required: ['file'] } },
  },
};

@ApiTags('administration')
@Controller('v1/admin/imports')
export class ImportController {
  constructor(@Inject(ImportJobsService) private readonly jobs: ImportJobsService) {}

  @Post()
  @RouteConfig({ takesFiles: true })
  @RequireAdmin('catalog:write')
  @Private()
  @Endpoint({
    summary: 'Import a product file (CSV body, or a form with the field `file`)',
    description: 'Answers when the file has arrived; the import goes on behind. One import runs at a time.',
    responses: { 202: importJob },
    errors: ['malformed_body', 'import_running', 'payload_too_large', 'unsupported_media_type'],
  })
  @ApiOperation({ requestBody: csvOrForm })
  async start(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ImportJob> {
    // An upload that was refused half-way must not go on: the connection ends with the answer.
    reply.header('connection', 'close');
    const { stream, name } = await uploadOf(request);
    return this.jobs.start(stream, name);
  }

  @Get(':id')
  @RequireAdmin('catalog:read')
  @Private()
  @Endpoint({ summary: 'Progress and report of an import', responses: { 200: importJob }, errors: ['not_found'] })
  get(@Param({ schema: importJobParams }) { id }: z.infer<typeof importJobParams>): Promise<ImportJob> {
    return this.jobs.get(id);
  }
}

/** The uploaded file as a stream: the body itself, or the one file of a form. */
async function uploadOf({ body, headers }: FastifyRequest): Promise<{ stream: Readable; name: string | null }> {
  if (!(body instanceof Readable)) throw noFile();
  if (!headers['content-type']?.startsWith('multipart/')) return { stream: body, name: null };
  const { stream, filename } = await fileOfForm(body, headers);
  return { stream, name: cleanLine(filename).slice(0, 255) || null };
}

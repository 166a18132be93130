import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { HealthService } from './health.service.js';

const check = z.looseObject({ status: z.enum(['up', 'degraded', 'down']) });
const healthAnswer = z
  .object({ status: z.enum(['ok', 'degraded', 'error', 'shutting_down']), checks: z.record(z.string(), check) })
  .meta({ id: 'Health' });

@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(@Inject(HealthService) private readonly health: HealthService) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  @Endpoint({ summary: 'Whether the process runs', responses: { 200: z.object({ status: z.literal('ok') }) } })
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  @Endpoint({
    summary: 'Whether requests can be sent here: 503 when PostgreSQL is down; degraded, but ready, without Redis',
    responses: { 200: healthAnswer, 503: healthAnswer },
  })
  ready(@Res() reply: FastifyReply) {
    return this.send(reply);
  }

  @Get()
  @Endpoint({
    summary: 'Every dependency, and the memory policy of each layer',
    responses: { 200: healthAnswer, 503: healthAnswer },
  })
  everything(@Res() reply: FastifyReply) {
    return this.send(reply);
  }

  private async send(reply: FastifyReply): Promise<void> {
    const report = await this.health.report();
    void reply
      .code(report.status === 'ok' || report.status === 'degraded' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report);
  }
}

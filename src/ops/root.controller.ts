import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Endpoint } from '../platform/http/endpoint.decorator.js';

const rootAnswer = z.object({
  name: z.literal('tiershop'),
  links: z.object({
    docs: z.string().describe('The API, to browse.'),
    openapi: z.string().describe('The API, as an OpenAPI document.'),
    health: z.string(),
  }),
});
type RootAnswer = z.infer<typeof rootAnswer>;

/** Tells visitors of the bare address that this is the shop, and where to go on. */
@ApiTags('operation')
@Controller()
export class RootController {
  @Get()
  @Endpoint({ summary: 'What this is, and where its API is described', responses: { 200: rootAnswer } })
  read(): RootAnswer {
    return { name: 'tiershop', links: { docs: '/docs', openapi: '/openapi.json', health: '/health' } };
  }
}

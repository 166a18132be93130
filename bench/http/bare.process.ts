// A bare server to compare with: plain Fastify with one route (see `BarePlan`), told what to be by its environment.
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { BarePlan, BareSource } from './bare-plan.ts';

interface Path {
  Params: { id: string };
}

const poolSize = 16;

/** How the bytes of an answer are found. */
type Find = (id: string) => Buffer | Promise<Buffer | string>;

function finderOf(source: BareSource): Find {
  if (source.kind === 'redis') {
    const redis = new Redis(source.url, { enableAutoPipelining: true });
    return async (id) => (await redis.getBuffer(`${source.keyPrefix}${id}`)) ?? missing(id);
  }
  if (source.kind === 'postgres') {
    const pool = new pg.Pool({ connectionString: source.url, max: poolSize });
    return async (id) => {
      const { rows } = await pool.query({ name: 'bare', text: source.query, values: [id], rowMode: 'array' });
      return rows[0]?.[0] ?? missing(id);
    };
  }
  const bytes = Buffer.from(source.base64, 'base64');
  return () => bytes;
}

function missing(id: string): never {
  throw new Error(`There is nothing under ${id}.`);
}

const plan = JSON.parse(process.env.BARE_PLAN ?? '') as BarePlan;
const find = finderOf(plan.source);
const server = fastify();

if (plan.status === 304) server.get(plan.route, (_request, reply) => reply.code(304).headers(plan.headers).send());
else if (plan.source.kind === 'bytes') {
  server.get<Path>(plan.route, (request, reply) => reply.headers(plan.headers).send(find(request.params.id)));
} else {
  server.get<Path>(plan.route, async (request, reply) => {
    const bytes = await find(request.params.id);
    return reply.headers(plan.headers).send(bytes);
  });
}

process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: await server.listen({ host: '127.0.0.1', port: 0 }) });

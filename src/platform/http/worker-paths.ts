import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';

const ABOUT_THE_PROCESS = /^\/(health|metrics)(?=[/?]|$)/;

/** A worker is no shop: it answers only what is asked about the process, so that no customer slows its work down. */
export function answerOnlyAboutTheProcess(server: FastifyInstance): void {
  server.addHook('onRequest', ({ url }, _reply, done) => {
    if (ABOUT_THE_PROCESS.test(url)) return done();
    const detail =
      'This process is a worker (ROLE=worker) and answers only /health and /metrics. Ask one with ROLE=api.';
    done(new AppError('not_found', { detail }));
  });
}

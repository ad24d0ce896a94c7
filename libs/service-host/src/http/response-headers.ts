import type { FastifyInstance } from 'fastify';

/** Answers hold tokens and decisions: nobody between us may keep or reinterpret them. */
export const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export const useResponseHeaders = (fastify: FastifyInstance): void => {
  fastify.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) {
      if (!reply.hasHeader(name)) void reply.header(name, value);
    }
  });
};

import type { FastifyInstance } from 'fastify';

/** Answers hold tokens and decisions: nobody between us may keep or reinterpret them. */
export const useResponseHeaders = (fastify: FastifyInstance): void => {
  fastify.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    void reply.header('x-content-type-options', 'nosniff');
  });
};

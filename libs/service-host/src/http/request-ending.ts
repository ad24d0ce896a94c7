import type { FastifyInstance } from 'fastify';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';

/**
 * Gives each request a signal that aborts when its client has gone or draining begins. A draining process still
 * answers whoever comes, at once, and ends the connection with the answer: the next call then finds another.
 */
export const useRequestEnding = (fastify: FastifyInstance, { draining }: Lifecycle): void => {
  fastify.addHook('onRequest', async (request, reply) => {
    request.endingSignal = () => {
      const ending = new AbortController();
      const abort = (): void => ending.abort();
      if (draining.aborted) abort();
      reply.raw.once('close', abort);
      draining.addEventListener('abort', abort, { once: true, signal: ending.signal });
      return ending.signal;
    };
  });
  // At the answer, not at the call: what came before the draining and ends in it counts, too.
  fastify.addHook('onSend', async (_, reply) => {
    if (draining.aborted) void reply.header('connection', 'close');
  });
};

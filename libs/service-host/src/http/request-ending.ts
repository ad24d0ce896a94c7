import { CodedError } from '@countersign/kernel';
import type { FastifyInstance } from 'fastify';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';

/**
 * While draining, calls that were begun are finished and nothing new is taken; health answers to the end.
 * Gives each request a signal that aborts when its client has gone or draining begins.
 */
export const useRequestEnding = (fastify: FastifyInstance, lifecycle: Lifecycle): void => {
  fastify.addHook('onRequest', async (request, reply) => {
    if (lifecycle.draining.aborted && !request.url.startsWith('/health/')) {
      void reply.header('connection', 'close');
      throw new CodedError('shutting_down', 'This process is stopping; send the call again.');
    }
    request.endingSignal = () => {
      const ending = new AbortController();
      const abort = (): void => ending.abort();
      reply.raw.once('close', abort);
      lifecycle.draining.addEventListener('abort', abort, { once: true, signal: ending.signal });
      return ending.signal;
    };
  });
};

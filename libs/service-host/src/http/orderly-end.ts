import type { FastifyInstance } from 'fastify';

/** How long calls that were begun may take to end once no connection is accepted any more. */
const LAST_CALLS_MS = 10_000;

/**
 * When the server closes it accepts no more connections, answers the calls in hand, and then cuts what is left:
 * connections that nobody calls on, which Node would wait for, and calls that don't end.
 */
export const useOrderlyEnd = (fastify: FastifyInstance): void => {
  let inHand = 0;
  let onIdle = (): void => undefined;
  fastify.addHook('onRequest', async (_, reply) => {
    inHand += 1;
    reply.raw.once('close', () => {
      inHand -= 1;
      if (inHand === 0) onIdle();
    });
  });
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, LAST_CALLS_MS);
      onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
      if (inHand === 0) onIdle();
    });
  fastify.addHook('preClose', async () => {
    const { server } = fastify;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await idle();
    server.closeAllConnections();
    await closed;
  });
};

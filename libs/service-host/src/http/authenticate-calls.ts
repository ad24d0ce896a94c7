import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../authentication/authenticator.ts';
import { bearerToken } from '../authentication/bearer-token.ts';
import type { ApiOperation } from './api-route.ts';
import { CallsInHand } from './calls-in-hand.ts';

/**
 * Proves who calls before a byte of the body is read: reading and checking one costs far more than refusing
 * whoever may not send it, or has too much in hand. An operation is answered without a token only where it is
 * declared `public`.
 */
export const useAuthentication = (
  fastify: FastifyInstance,
  operations: readonly ApiOperation[],
  authenticator: Authenticator,
): void => {
  const calls = new CallsInHand();
  const open = new Set(operations.filter((operation) => operation.public === true).map(keyOf));
  fastify.addHook('onRequest', async (request, reply) => {
    const { method, routeOptions } = request;
    const path = routeOptions.url;
    // Where nothing is served there is nothing to guard; HEAD is served wherever GET is.
    if (path === undefined || open.has(keyOf({ method: method === 'HEAD' ? 'GET' : method, path }))) return;
    request.caller = await authenticator.authenticate(bearerToken(authorizationsOf(request)));
    calls.begin(request.caller.principal.ref, reply.raw);
  });
};

const keyOf = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${path}`;

/** Every one that came: Node keeps only the first of several in `headers`. */
const authorizationsOf = ({ raw: { rawHeaders } }: FastifyRequest): string[] =>
  rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );

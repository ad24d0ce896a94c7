import type { FastifyRequest } from 'fastify';

/** `METHOD /path` of the matched route; undefined for a request that matched none. */
export const routeOf = ({ method, routeOptions }: FastifyRequest): string | undefined =>
  routeOptions.url === undefined ? undefined : `${method} ${routeOptions.url}`;

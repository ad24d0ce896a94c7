import type { ServiceName } from '@countersign/kernel';

/** Paths that one service answers: `prefix` itself, and everything below it. */
export interface HttpRoute {
  readonly prefix: string;
  readonly service: ServiceName;
}

/**
 * Who answers what from outside, for whatever routes by prefix: an ingress, or the proxy of development.
 * What isn't here (`/health`, `/metrics`, `/openapi.json`) each process answers for itself.
 */
export const HTTP_ROUTES: readonly HttpRoute[] = [
  { prefix: '/v1/requests', service: 'intake' },
  { prefix: '/asyncapi.json', service: 'intake' },
  { prefix: '/v1/reviews', service: 'policy' },
  { prefix: '/v1/policy-sets', service: 'policy' },
  { prefix: '/v1/grants', service: 'credentials' },
  { prefix: '/.well-known/jwks.json', service: 'credentials' },
  { prefix: '/v1/audit', service: 'audit' },
  { prefix: '/v1/slack', service: 'notification' },
  { prefix: '/v1/teams', service: 'notification' },
];

/** The service that answers this path (without its query); undefined where none does. */
export const serviceAt = (path: string): ServiceName | undefined =>
  HTTP_ROUTES.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.service;

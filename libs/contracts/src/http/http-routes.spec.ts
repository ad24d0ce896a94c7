import { describe, expect, it } from 'vitest';
import { HTTP_ROUTES, serviceAt } from './http-routes.ts';

describe('the routes', () => {
  it.each([
    ['/v1/requests', 'intake'],
    ['/v1/requests/5b7c1f5e', 'intake'],
    ['/v1/requestsx', undefined],
    ['/v1/reviews/5b7c1f5e/decisions', 'policy'],
    ['/v1/policy-sets/active', 'policy'],
    ['/v1/grants/redemptions', 'credentials'],
    ['/.well-known/jwks.json', 'credentials'],
    ['/v1/audit/events', 'audit'],
    ['/v1/slack/interactions', 'notification'],
    ['/v1/teams/messages', 'notification'],
    ['/health/ready', undefined],
    ['/', undefined],
  ])('send %s to %s', (path, service) => expect(serviceAt(path)).toBe(service));

  it('never depend on their order', () => {
    for (const { prefix, service } of HTTP_ROUTES) expect(serviceAt(prefix)).toBe(service);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { nkeyVariable } from './nats-access.ts';
import { renderRequestUsers, renderServicesServerConfig } from './services-server-config.ts';

const deployed = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../../../deploy/nats', name), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');

const variables = Object.fromEntries(
  SERVICE_NAMES.map((service) => [service, `$${nkeyVariable(service)}`]),
) as Record<ServiceName, string>;

const config = () => ({
  listen: '0.0.0.0:4222',
  monitoring: '127.0.0.1:8222',
  store: '/data',
  syncAlways: true,
  tls: { certificate: '/etc/nats/tls/tls.crt', key: '/etc/nats/tls/tls.key' },
  services: variables,
  requestUsersFile: 'requesters.conf',
});

const cluster = {
  name: 'countersign',
  node: '$COUNTERSIGN_NATS_NODE',
  listen: '0.0.0.0:6222',
  routes: ['tls://nats-1:6222', 'tls://nats-2:6222', 'tls://nats-3:6222'],
  tls: {
    certificate: '/etc/nats/routes/tls.crt',
    key: '/etc/nats/routes/tls.key',
    authority: '/etc/nats/routes/ca.crt',
  },
};

describe('the configuration of nats-server for five services apart', () => {
  it('that is deployed for a cluster is what the contracts render to', () => {
    expect(deployed('cluster.conf')).toBe(renderServicesServerConfig({ ...config(), cluster }));
  });

  it('that is deployed is what the contracts render to', () => {
    expect(deployed('services.conf')).toBe(renderServicesServerConfig(config()));
    expect(deployed('requesters.conf')).toBe(renderRequestUsers(`$${nkeyVariable('requests')}`, []));
  });

  it('encrypts, lets nobody in without a key, and lets nobody answer just because it was asked', () => {
    const text = deployed('services.conf') + deployed('requesters.conf');
    expect(text).toMatch(/^tls \{$/m);
    expect(text).not.toMatch(/no_auth_user|allow_responses|password|user:/);
  });

  it('says of whoever may hear nothing that everything is denied', () => {
    // An empty allow-list is none, and none allows everything.
    expect(deployed('services.conf')).not.toContain('allow: []');
  });

  it('refuses a key that is none', () => {
    const services = { ...variables, audit: 'anything' };
    expect(() => renderServicesServerConfig({ ...config(), services })).toThrow(
      expect.objectContaining({ code: 'invalid_nkey' }),
    );
  });
});

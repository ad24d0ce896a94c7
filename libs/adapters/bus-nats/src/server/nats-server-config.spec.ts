import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsPermissions } from '@countersign/contracts';
import { describe, expect, it } from 'vitest';
import { renderNatsServerConfig } from './nats-server-config.ts';

const deployed = readFileSync(
  join(import.meta.dirname, '../../../../../deploy/nats/nats-server.conf'),
  'utf8',
);

describe('the configuration of nats-server', () => {
  it('that is deployed is what the permissions render to', () => {
    const rendered = renderNatsServerConfig({
      listen: '0.0.0.0:4222',
      monitoring: '127.0.0.1:8222',
      store: '/data',
      syncAlways: true,
      passwords: {
        internal: '$COUNTERSIGN_NATS_INTERNAL_PASSWORD',
        requester: '$COUNTERSIGN_NATS_REQUESTER_PASSWORD',
      },
    });
    const withoutComments = deployed.split('\n').filter((line) => !line.startsWith('#'));
    expect(withoutComments.join('\n')).toBe(rendered);
  });

  it('gives the requester no internal subject and nothing of JetStream', () => {
    const { publish, subscribe } = natsPermissions.requester;
    expect(publish).toEqual(['countersign.v1.requests.*']);
    expect(subscribe.filter((natsSubject) => /internal|\$JS|^>/.test(natsSubject))).toEqual([]);
  });
});

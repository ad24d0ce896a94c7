import { join } from 'node:path';
import { SystemClock } from '@countersign/kernel';
import { connect } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { NatsBus, type NatsBusOptions } from './nats-bus.ts';
import { readNkeySeed } from './server/nkey-file.ts';
import { connected, silentLog } from './testing/real-nats.ts';
import { ServicesNats } from './testing/services-nats.ts';

/** A certificate for loopback that vouches for itself; its key protects nothing. */
const TLS = {
  certificate: join(import.meta.dirname, 'testing/tls/server.crt'),
  key: join(import.meta.dirname, 'testing/tls/server.key'),
};

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const up = async (tls?: typeof TLS): Promise<ServicesNats> => {
  const nats = await ServicesNats.up(tls && { tls });
  ending.push(() => nats.end());
  return nats;
};

/** A bus, and the first thing that it warns of. */
const busWith = (
  nats: ServicesNats,
  tls: NatsBusOptions['tls'],
): { bus: NatsBus; warned: Promise<string> } => {
  const warned = Promise.withResolvers<string>();
  const bus = new NatsBus({
    servers: nats.address,
    nkeySeed: readNkeySeed(nats.seedPath('policy')),
    inboxPrefix: '_INBOX_policy',
    ...(tls && { tls }),
    name: 'test',
    clock: new SystemClock(),
    log: {
      ...silentLog,
      warn: (message, fields) => warned.resolve(`${message} ${String(fields?.['error'])}`),
    },
  });
  bus.start();
  ending.push(() => bus.close(1_000));
  return { bus, warned: warned.promise };
};

describe('a bus over TLS', () => {
  it('connects to a server that its authorities vouch for', async () => {
    const { bus } = busWith(await up(TLS), { caFile: TLS.certificate });
    await connected(bus);
    expect(bus.connected).toBe(true);
  });

  it('refuses a server that nobody vouches for', async () => {
    const { bus, warned } = busWith(await up(TLS), {});
    expect(await warned).toMatch(/certificate/);
    expect(bus.connected).toBe(false);
  });

  it('refuses a server that does not encrypt', async () => {
    const { bus, warned } = busWith(await up(), { caFile: TLS.certificate });
    expect(await warned).toMatch(/tls/);
    expect(bus.connected).toBe(false);
  });

  it('is the only way in where the server encrypts', async () => {
    const nats = await up(TLS);
    await expect(connect({ servers: nats.address, reconnect: false, tls: null })).rejects.toThrow();
  });
});

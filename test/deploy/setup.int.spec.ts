import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inboxPrefixOf, NatsBus, readNkeySeed } from '@countersign/bus-nats';
import { REAUTHORIZE } from '@countersign/contracts';
import { SERVICE_NAMES, SystemClock, type ServiceName } from '@countersign/kernel';
import { readConfig, type ServiceConfig } from '@countersign/service-host';
import { natsServerPath } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../e2e/harness/nats.ts';
import { composeService } from './compose-file.ts';
import { NatsNode } from './nats-node.ts';

const root = join(import.meta.dirname, '../..');
const NODES = ['nats-1', 'nats-2', 'nats-3'];
const folder = mkdtempSync(join(tmpdir(), 'countersign-compose-'));
const inFolder = (...path: readonly string[]): string => join(folder, ...path);
let ports: readonly number[];
let nodes: readonly NatsNode[] = [];

const setUp = (): void => {
  execFileSync(process.execPath, [join(root, 'deploy/compose/setup/main.mjs'), folder]);
};

/** A service's environment as compose gives it, with the places of this machine. */
const configOf = (service: string): ServiceConfig => {
  const environment = Object.entries(composeService(service).environment).map(([name, value]) => [
    name,
    value
      .replaceAll('/run/countersign/own', inFolder(service))
      .replaceAll('/run/countersign/public', inFolder('public'))
      .replaceAll('/var/lib/countersign', inFolder(`${service}-data`))
      .replaceAll(/nats-(\d):4222/g, (_, number) => `127.0.0.1:${ports[Number(number) - 1]}`),
  ]);
  return readConfig(Object.fromEntries(environment));
};

const buses: NatsBus[] = [];
const busOf = (service: ServiceName, node: number): NatsBus => {
  const { nats } = configOf(service);
  const bus = new NatsBus({
    servers: nats.url?.split(',')[node] ?? '',
    nkeySeed: readNkeySeed(nats.nkeyFile ?? ''),
    tls: { caFile: nats.caFile ?? '' },
    inboxPrefix: inboxPrefixOf(service),
    name: service,
    clock: new SystemClock(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  bus.start();
  buses.push(bus);
  return bus;
};

beforeAll(async () => {
  setUp();
  ports = [await freePort(), await freePort(), await freePort()];
  const routes = [await freePort(), await freePort(), await freePort()];
  nodes = NODES.map((name, index) => {
    const local = readFileSync(inFolder(name, 'cluster.conf'), 'utf8')
      // The one line that needs a newer server than Debian's.
      .replace(/^ *sync_interval: always\n/m, '')
      .replace(/^http: .*\n/m, '')
      .replace('"0.0.0.0:4222"', `"127.0.0.1:${ports[index]}"`)
      .replace('"0.0.0.0:6222"', `"127.0.0.1:${routes[index]}"`)
      .replaceAll(/nats-(\d):6222/g, (_, number) => `127.0.0.1:${routes[Number(number) - 1]}`)
      .replaceAll('/etc/nats/', `${inFolder(name)}/`)
      .replace('"/data"', JSON.stringify(inFolder(`${name}-data`)));
    writeFileSync(inFolder(name, 'cluster.conf'), local);
    return NatsNode.start(natsServerPath(), inFolder(name, 'cluster.conf'), {
      ...environmentIn(inFolder(name, 'services.env')),
      COUNTERSIGN_NATS_NODE: name,
    });
  });
}, 60_000);

afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close(1_000)));
  await Promise.all(nodes.map((node) => node.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const environmentIn = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );

describe('what setup makes for compose', { timeout: 60_000 }, () => {
  it.each(SERVICE_NAMES)('lets %s read its settings, in production mode', (service) => {
    const config = configOf(service);
    expect(config.mode).toBe('production');
    expect(config.issuers).toHaveLength(1);
    const files = [config.nats.nkeyFile, config.nats.caFile, config.keys.folder, config.keys.publicFolder];
    expect(files.filter((path) => path === undefined || !existsSync(path))).toEqual([]);
  });

  it('gives a service its own keys alone, and closes them to others', () => {
    const keys = (service: string) => globSync('keys/*.pem', { cwd: inFolder(service) }).toSorted();
    expect(keys('policy')).toEqual(['keys/policy.pem']);
    expect(keys('credentials')).toEqual(['keys/credentials.pem', 'keys/grant-token.pem']);
    const secret = SERVICE_NAMES.flatMap((service) =>
      globSync('{.,keys,keys/*.pem,*.nk,store-password}', { cwd: inFolder(service) }).map((name) =>
        inFolder(service, name),
      ),
    );
    expect(secret.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
  });

  it('publishes no private key', () => {
    const published = globSync('public/**/*.*', { cwd: folder }).map((path) =>
      readFileSync(inFolder(path), 'utf8'),
    );
    expect(published.length).toBeGreaterThan(8);
    expect(published.filter((text) => /PRIVATE KEY|"d":|^SU[A-Z2-7]{56}/m.test(text))).toEqual([]);
  });

  it('keeps everything as it is where it is run again', () => {
    const secrets = () =>
      globSync(['authority/**/*.{pem,nk,key,crt}', 'issuer/*'], { cwd: folder })
        .toSorted()
        .map((path) => `${path} ${readFileSync(inFolder(path), 'utf8')}`);
    const before = secrets();
    const configurations = NODES.map((name) => readFileSync(inFolder(name, 'cluster.conf'), 'utf8'));
    setUp();
    NODES.forEach((name, index) =>
      writeFileSync(inFolder(name, 'cluster.conf'), configurations[index] ?? ''),
    );
    expect(secrets()).toEqual(before);
  });

  it('joins the nodes over TLS, so that services call each other across them, each with its own key', async () => {
    const serving = busOf('policy', 0);
    serving.serve(REAUTHORIZE.natsSubject, 'countersign', async () => 'here');
    const asking = busOf('credentials', 2);
    await vi.waitFor(
      async () =>
        expect(await asking.request(REAUTHORIZE.natsSubject, {}, { deadlineMs: 2_000 })).toBe('here'),
      { timeout: 30_000, interval: 100 },
    );
  });
});

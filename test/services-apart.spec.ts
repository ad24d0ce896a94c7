import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  inboxPrefixOf,
  NatsBus,
  readNkeyPublicKey,
  readNkeySeed,
  renderServicesServerConfig,
  writeNatsAccess,
  type NatsAccess,
  type ServiceLogin,
} from '@countersign/bus-nats';
import {
  CANCEL_REVIEW,
  REAUTHORIZE,
  RECORD_DECISION,
  REVOKE_GRANT,
  servicePermissions,
} from '@countersign/contracts';
import { SERVICE_NAMES, SystemClock, type ServiceName } from '@countersign/kernel';
import { auditModule } from '@countersign/service-audit';
import { credentialsModule } from '@countersign/service-credentials';
import {
  readConfig,
  SILENT_LOGGER,
  startProcess,
  type Logger,
  type RunningProcess,
  type ServicePart,
} from '@countersign/service-host';
import { intakeModule } from '@countersign/service-intake';
import { notificationModule } from '@countersign/service-notification';
import { policyModule } from '@countersign/service-policy';
import { natsServerPath } from '@countersign/testing';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from './e2e/harness/nats.ts';

const MODULES: Readonly<Record<ServiceName, ServicePart['module']>> = {
  intake: intakeModule,
  policy: policyModule,
  notification: notificationModule,
  credentials: credentialsModule,
  audit: auditModule,
};
const ETL_BOT = { type: 'Agent', id: 'etl-bot' };
const TOKEN = 'QWdlbnQ6OmV0bC1ib3Q';
/** Of no request. */
const requestId = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11';
const proof = { kind: 'identity', token: 'nobody.at.all' };
const decision = { requestId, decision: 'approve', reason: 'ok', digest: 'A'.repeat(43) };
const revocation = { requestId, cause: 'cancelled', reason: 'mine' };

const folder = mkdtempSync(join(tmpdir(), 'countersign-apart-'));
const running = new Map<ServiceName, RunningProcess>();
const refusals: string[] = [];
let access: NatsAccess;
let server: ChildProcess;
let ports: { readonly nats: number; readonly monitoring: number };

const url = (): string => `nats://127.0.0.1:${ports.nats}`;

const startServer = async (): Promise<void> => {
  access = writeNatsAccess(join(folder, 'access'), [ETL_BOT]);
  ports = { nats: await freePort(), monitoring: await freePort() };
  const keys = SERVICE_NAMES.map((service) => [service, readNkeyPublicKey(access.seeds[service])]);
  const config = renderServicesServerConfig({
    listen: `127.0.0.1:${ports.nats}`,
    monitoring: `127.0.0.1:${ports.monitoring}`,
    store: join(folder, 'jetstream'),
    services: Object.fromEntries(keys) as Record<ServiceName, string>,
    requestUsersFile: 'requesters.conf',
  });
  writeFileSync(join(folder, 'services.conf'), config);
  copyFileSync(access.requestUsers, join(folder, 'requesters.conf'));
  const env = Object.fromEntries(
    readFileSync(access.environment, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  ) as Record<string, string>;
  server = spawn(natsServerPath(), ['-c', join(folder, 'services.conf')], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
};

/** Collects what the bus refused this service. */
const logOf = (service: ServiceName): Logger => ({
  ...SILENT_LOGGER,
  warn: (message, fields) => {
    if (message.includes('refused')) refusals.push(`${service}: ${message} ${String(fields?.['error'])}`);
  },
  child: () => logOf(service),
});

const startService = async (service: ServiceName): Promise<void> => {
  const config = readConfig({
    COUNTERSIGN_MODE: 'development',
    COUNTERSIGN_DATA: join(folder, service),
    COUNTERSIGN_POLICIES: join(import.meta.dirname, '../deploy/samples/acme'),
    COUNTERSIGN_PORT: '0',
    NATS_URL: url(),
    COUNTERSIGN_NATS_NKEY_FILE: access.seeds[service],
    ...(service === 'intake' && { COUNTERSIGN_NATS_REQUESTS_NKEY_FILE: access.seeds.requests }),
  });
  const options = { name: service, version: '0.0.0', services: [{ service, module: MODULES[service] }] };
  running.set(service, await startProcess(options, config, logOf(service)));
};

/** A bus as another replica of the service would have it. */
const busOf = async (login: ServiceLogin): Promise<NatsBus> => {
  const bus = new NatsBus({
    servers: url(),
    nkeySeed: readNkeySeed(access.seeds[login]),
    inboxPrefix: inboxPrefixOf(login),
    name: `test ${login}`,
    clock: new SystemClock(),
    log: SILENT_LOGGER,
  });
  bus.start();
  await bus.link.whenConnected(AbortSignal.timeout(5_000));
  return bus;
};

interface Connz {
  readonly connections: readonly {
    readonly name: string;
    readonly account: string;
    readonly subscriptions_list_detail?: readonly { readonly subject: string; readonly qgroup?: string }[];
  }[];
}

/** What each service subscribes to, in the words of a list of permissions. */
const subscriptions = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
  const answer = await fetch(`http://127.0.0.1:${ports.monitoring}/connz?subs=detail&auth=true`);
  const { connections } = (await answer.json()) as Connz;
  const services = connections.filter(({ account }) => account === 'COUNTERSIGN');
  return new Map(
    services.map(({ name, subscriptions_list_detail: list = [] }) => [
      name,
      list.map(({ subject, qgroup }) => (qgroup === undefined ? subject : `${subject} ${qgroup}`)).toSorted(),
    ]),
  );
};

beforeAll(async () => {
  await startServer();
  for (const service of SERVICE_NAMES) await startService(service);
  await vi.waitFor(async () => {
    for (const { lifecycle } of running.values()) expect(await lifecycle.unready()).toEqual({});
  }, 15_000);
}, 60_000);
afterAll(async () => {
  await Promise.all([...running.values()].map((each) => each.stop()));
  server.kill();
  if (server.exitCode === null) await once(server, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

describe('five services apart, each with its own key,', () => {
  it('subscribe to just what their permissions list, and are refused nothing', async () => {
    const found = await subscriptions();
    for (const service of SERVICE_NAMES) {
      const listed = servicePermissions(service).subscribe.filter((entry) => !/^_INBOX|-alone$/.test(entry));
      const made = found.get(`countersign-${service}`)?.filter((entry) => !entry.startsWith('_INBOX'));
      expect([service, made]).toEqual([service, listed.toSorted()]);
    }
    expect(refusals).toEqual([]);
  });

  it.each([
    { caller: 'intake', call: CANCEL_REVIEW, message: { payload: { requestId }, proof } },
    { caller: 'credentials', call: REAUTHORIZE, message: { requestId } },
    { caller: 'notification', call: RECORD_DECISION, message: { payload: decision, proof } },
    { caller: 'intake', call: REVOKE_GRANT, message: { payload: revocation, proof } },
  ] as const)('answer $caller on $call.natsSubject', async ({ caller, call, message }) => {
    const bus = await busOf(caller);
    const answer = await bus
      .request(call.natsSubject, message, { deadlineMs: call.deadlineMs })
      .catch((error: unknown) => error);
    // Nobody asked for this request and the token is nobody's: the service itself says so.
    expect(answer).toMatchObject({
      code: expect.stringMatching(/^(token_invalid|not_found)$/),
    });
    await bus.close();
  });

  it("take a requester's request from the queue, and tell it alone what became of it", async () => {
    const requester = await connect({
      servers: url(),
      authenticator: nkeyAuthenticator(readNkeySeed(join(folder, 'access/requesters', `${TOKEN}.nk`))),
      reconnect: false,
    });
    const rejected = Promise.withResolvers<unknown>();
    requester.subscribe(`countersign.v1.rejected.${TOKEN}`, {
      callback: (_, message) => rejected.resolve(message.json()),
    });
    await requester.flush();
    requester.publish(`countersign.v1.requests.${TOKEN}`, '{}');
    await expect(rejected.promise).resolves.toMatchObject({ code: expect.any(String) });
    await requester.close();
  });
});

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { describeEventStore } from '@countersign/event-store/contract';
import { GenericContainer, Wait } from 'testcontainers';
import { afterAll, describe, it } from 'vitest';
import { StoreApart } from './apart-spec-helpers.ts';
import { storeAt } from './spec-helpers.ts';

const IMAGE = 'kurrentplatform/kurrentdb:26.1.1';
const PORT = 2113;

interface RealServer {
  readonly address: string;
  /** Named in the output. */
  readonly what: string;
  stop(): Promise<void>;
}

const dockerAnswers = (): boolean =>
  spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 10_000 })
    .status === 0;

const startContainer = async (): Promise<RealServer> => {
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withEnvironment({ KURRENTDB_INSECURE: 'true', KURRENTDB_MEM_DB: 'true', KURRENTDB_CLUSTER_SIZE: '1' })
    .withWaitStrategy(Wait.forHttp('/health/live', PORT).forStatusCode(204))
    .start();
  const address = `esdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;
  return { address, what: IMAGE, stop: async () => void (await container.stop()) };
};

/**
 * A real EventStoreDB or KurrentDB for the tests: the one that `COUNTERSIGN_TEST_ESDB` names, else one in Docker
 * where an engine answers, else none.
 */
const realServer = async (): Promise<RealServer | undefined> => {
  const named = process.env['COUNTERSIGN_TEST_ESDB'];
  if (named !== undefined && named !== '') {
    return { address: named, what: named, stop: () => Promise.resolve() };
  }
  return dockerAnswers() ? startContainer() : undefined;
};

const describeSkipped = (): void => {
  describe('EsdbEventStore over a real server', () => {
    it('keeps the contract of EventStore', (context) =>
      context.skip('no Docker engine answers, and COUNTERSIGN_TEST_ESDB names no server'));
  });
};

/** The contract suite over a real server, or one test that says why it was skipped. */
export const describeOnRealServer = async (): Promise<void> => {
  const server = await realServer();
  if (server === undefined) return describeSkipped();
  afterAll(() => server.stop());
  describeEventStore(`EsdbEventStore over ${server.what}`, () => {
    const store = storeAt(server.address);
    const apart = new StoreApart(store, randomUUID().slice(0, 8));
    return Promise.resolve({ store: apart, close: async () => store.close() });
  });
};

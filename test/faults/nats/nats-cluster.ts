import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  inboxPrefixOf,
  nkeyVariable,
  readNkeySeed,
  renderServicesServerConfig,
  writeNatsAccess,
  type NatsAccess,
} from '@countersign/bus-nats';
import { REQUESTS_JETSTREAM } from '@countersign/contracts';
import { freePort, RunningProgram } from '@countersign/dev-stack';
import { parseEntity, SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { natsServerPath } from '@countersign/testing';
import { connect as connectTo, nkeyAuthenticator } from '@nats-io/transport-node';
import { z } from 'zod';
import { ETL_BOT } from '../../e2e/harness/life-cycle.ts';

const NODES = 3;
const REQUESTERS_FILE = 'requesters.conf';

const WHOLE_MS = 120_000;

const queueInfo = z.object({
  cluster: z.object({
    leader: z.string().optional(),
    replicas: z.array(z.object({ name: z.string(), current: z.boolean() })).length(NODES - 1),
  }),
});
type QueueNodes = z.infer<typeof queueInfo>['cluster'];

interface Node {
  readonly folder: string;
  readonly port: number;
  program: RunningProgram | undefined;
}

/** Three nats-servers on loopback, with the configuration of production but TLS, for a stack in this folder. */
export class NatsCluster {
  readonly #nodes: readonly Node[];
  readonly #access: NatsAccess;

  private constructor(nodes: readonly Node[], access: NatsAccess) {
    this.#nodes = nodes;
    this.#access = access;
  }

  /** Makes the logins where the stack will look for them. */
  static async start(stackFolder: string): Promise<NatsCluster> {
    const access = writeNatsAccess(join(stackFolder, 'services', 'nats', 'access'), [parseEntity(ETL_BOT)]);
    const ports = await Promise.all(Array.from({ length: NODES }, freePort));
    const routePorts = await Promise.all(Array.from({ length: NODES }, freePort));
    const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`);
    const nodes = ports.map((port, at): Node => {
      const folder = join(stackFolder, 'services', `nats-${at}`);
      mkdirSync(folder, { recursive: true });
      const listen = `127.0.0.1:${routePorts[at]}`;
      const config = configOf({
        folder,
        port,
        cluster: { name: 'faults', node: `node-${at}`, listen, routes },
      });
      writeFileSync(join(folder, 'services.conf'), config);
      copyFileSync(access.requestUsers, join(folder, REQUESTERS_FILE));
      return { folder, port, program: undefined };
    });
    const cluster = new NatsCluster(nodes, access);
    for (const at of nodes.keys()) cluster.startNode(at);
    await Promise.all(nodes.map(untilItListens));
    return cluster;
  }

  get urls(): readonly string[] {
    return this.#nodes.map(({ port }) => `nats://127.0.0.1:${port}`);
  }

  startNode(at: number): void {
    const { PATH = '/usr/sbin:/usr/bin:/bin' } = process.env;
    const node = this.#node(at);
    node.program = new RunningProgram({
      program: natsServerPath(),
      args: ['-c', join(node.folder, 'services.conf')],
      env: { PATH, ...variablesIn(this.#access.environment) },
      keepChars: 10_000,
    });
  }

  async kill(at: number): Promise<void> {
    await this.#node(at).program?.signal('SIGKILL');
  }

  /** What JetStream kept there is gone; the other nodes have it. */
  empty(at: number): void {
    rmSync(join(this.#node(at).folder, 'jetstream'), { recursive: true, force: true });
  }

  /** It answers nobody and closes nothing, as behind a cable that was pulled. */
  cutOff(at: number): void {
    this.#node(at).program?.send('SIGSTOP');
  }

  reconnect(at: number): void {
    this.#node(at).program?.send('SIGCONT');
  }

  /** Resolves when each node has all of the requests' queue: the next one may be lost without losing the majority. */
  async untilWhole(): Promise<void> {
    const deadlineMs = performance.now() + WHOLE_MS;
    for (;;) {
      const nodes = await this.#queueNodes().catch(() => undefined);
      if (nodes?.leader !== undefined && nodes.replicas.every(({ current }) => current)) return;
      if (performance.now() > deadlineMs)
        throw new Error(`Not every node has the queue: ${JSON.stringify(nodes)}`);
      await delay(200);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#nodes.keys()].map((at) => this.kill(at)));
  }

  async #queueNodes(): Promise<QueueNodes> {
    const connection = await connectTo({
      servers: [...this.urls],
      authenticator: nkeyAuthenticator(readNkeySeed(this.#access.seeds.requests)),
      inboxPrefix: inboxPrefixOf('requests'),
      reconnect: false,
      timeout: 2_000,
    });
    try {
      const answer = await connection.request(`$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`, '', {
        timeout: 2_000,
      });
      return queueInfo.parse(answer.json()).cluster;
    } finally {
      await connection.close();
    }
  }

  #node(at: number): Node {
    const node = this.#nodes[at];
    if (node === undefined) throw new Error(`There is no node ${at}.`);
    return node;
  }
}

interface NodeConfig {
  readonly folder: string;
  readonly port: number;
  readonly cluster: NonNullable<Parameters<typeof renderServicesServerConfig>[0]['cluster']>;
}

const configOf = ({ folder, port, cluster }: NodeConfig): string =>
  renderServicesServerConfig({
    listen: `127.0.0.1:${port}`,
    store: join(folder, 'jetstream'),
    services: Object.fromEntries(
      SERVICE_NAMES.map((service) => [service, `$${nkeyVariable(service)}`]),
    ) as Record<ServiceName, string>,
    requestUsersFile: REQUESTERS_FILE,
    cluster,
  });

const variablesIn = (path: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );

const untilItListens = async ({ port, program }: Node): Promise<void> => {
  const listens = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      const answer = (yes: boolean): void => {
        socket.destroy();
        resolve(yes);
      };
      socket.once('connect', () => answer(true)).once('error', () => answer(false));
    });
  while (!(await listens())) {
    if (program?.isRunning !== true) throw new Error(`A node ended: ${program?.output}`);
    await delay(20);
  }
};

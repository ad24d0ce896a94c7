import { natsServerPath } from '@countersign/testing';
import { parseEntity, SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { inheritedPath } from './environment.ts';
import { freePort } from './free-port.ts';
import { listens } from './listens.ts';
import { writeNatsFiles, type NatsFiles } from './nats-files.ts';
import { ManagedProcess } from './process/managed-process.ts';
import type { OutputStream, ProgramSettings } from './process/running-program.ts';
import { RoutingProxy } from './proxy/routing-proxy.ts';
import { COMPILED, EVENT_STORE_MAIN, mainOf, NODE, SAMPLE_POLICIES } from './repository.ts';
import { StackFolders } from './stack-folders.ts';
import type { StackOptions } from './stack-options.ts';

/** Of the sample organisation. */
const REQUESTERS = ['Agent::"etl-bot"', 'Agent::"deploy-bot"', 'Pipeline::"release"'].map(parseEntity);
const KEPT_CHARS = 1_048_576;
const POLL_MS = 2_000;

/** What policy serves last: the others call it while they drain. */
const LAST: ServiceName = 'policy';

interface Ports {
  readonly nats: number;
  readonly eventStore: number;
}

/**
 * **A tool for development and tests.** The five services as processes of their own, one or more of each, on a
 * NATS server and a development event store, behind a proxy that routes by prefix: on one machine, in one
 * folder. Each process is given its own keys, login and data folder by environment, and nothing else.
 */
export class LocalStack {
  readonly folders: StackFolders;
  readonly #options: StackOptions;
  readonly #ports: Ports;
  readonly #proxy: RoutingProxy;
  readonly #services = new Map<ServiceName, ManagedProcess[]>();
  #natsFiles: NatsFiles | undefined;
  #nats: ManagedProcess | undefined;
  #eventStore: ManagedProcess | undefined;

  private constructor(options: StackOptions, folders: StackFolders, ports: Ports, proxy: RoutingProxy) {
    this.#options = options;
    this.folders = folders;
    this.#ports = ports;
    this.#proxy = proxy;
  }

  /** Resolves when everything is ready; where a part doesn't get so, all is stopped and what it said is thrown. */
  static async start(options: StackOptions): Promise<LocalStack> {
    const folders = new StackFolders(options.folder);
    folders.prepare();
    const ports = {
      nats: options.natsPort ?? (await freePort()),
      eventStore: options.eventStorePort ?? (await freePort()),
    };
    const proxy = await RoutingProxy.listen(options.port ?? 0);
    const stack = new LocalStack(options, folders, ports, proxy);
    try {
      await stack.#startAll();
      await stack.whenReady();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** Of the proxy: `http://127.0.0.1:7420` */
  get address(): string {
    return this.#proxy.address;
  }

  get nats(): ManagedProcess {
    return required(this.#nats, 'NATS server');
  }

  get natsUrl(): string {
    return this.#options.natsUrl ?? `nats://127.0.0.1:${this.#ports.nats}`;
  }

  /** Seeds of the logins at the stack's own NATS server. */
  get natsAccess(): NatsFiles['access'] {
    return required(this.#natsFiles, 'NATS access').access;
  }

  get eventStore(): ManagedProcess {
    return required(this.#eventStore, 'event store');
  }

  /** As COUNTERSIGN_EVENT_STORE names it. */
  get eventStoreAddress(): string {
    return this.#options.eventStore ?? `esdb://127.0.0.1:${this.#ports.eventStore}?tls=false`;
  }

  service(service: ServiceName, replica = 0): ManagedProcess {
    return required(this.replicas(service)[replica], `${service}-${replica}`);
  }

  replicas(service: ServiceName): readonly ManagedProcess[] {
    return this.#services.get(service) ?? [];
  }

  /** Every process, in the order in which they start. */
  get processes(): readonly ManagedProcess[] {
    const own = [this.#nats, this.#eventStore].filter((process) => process !== undefined);
    return [...own, ...SERVICE_NAMES.flatMap((service) => this.replicas(service))];
  }

  /** One more, on a port and in a folder of its own; resolves when it is ready. */
  async addReplica(service: ServiceName): Promise<ManagedProcess> {
    const added = await this.#addReplica(service);
    await added.whenReady();
    return added;
  }

  /** Resolves when every process is ready, and the proxy knows. */
  async whenReady(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.whenReady()));
    while (!(await isReady(this.address))) await new Promise((resolve) => setTimeout(resolve, 25));
  }

  /**
   * Ends everything in order: no new calls, then the services (policy last), the event store, NATS. True where
   * each service and the store ended cleanly by themselves, or had ended before.
   */
  async stop(): Promise<boolean> {
    this.#proxy.stopListening();
    const others = SERVICE_NAMES.filter((service) => service !== LAST);
    const endings = [
      ...(await stopAll(others.flatMap((service) => this.replicas(service)))),
      ...(await stopAll(this.replicas(LAST))),
      ...(await stopAll(this.#eventStore === undefined ? [] : [this.#eventStore])),
    ];
    await this.#nats?.stop();
    await this.#proxy.close();
    return endings.every((clean) => clean);
  }

  async #startAll(): Promise<void> {
    const { replicas = 1 } = this.#options;
    await this.#startEventStore();
    await this.#startNats();
    for (const service of [LAST, ...SERVICE_NAMES.filter((name) => name !== LAST)]) {
      const count = typeof replicas === 'number' ? replicas : (replicas[service] ?? 1);
      for (let replica = 0; replica < count; replica += 1) await this.#addReplica(service);
    }
  }

  /** First: it holds the log, so that a second stack in this folder ends here and has changed nothing. */
  async #startEventStore(): Promise<void> {
    if (this.#options.eventStore !== undefined) return;
    this.#eventStore = this.#eventStoreProcess();
    this.#eventStore.start();
    await this.#eventStore.whenReady();
  }

  async #startNats(): Promise<void> {
    const { natsUrl, requesters = REQUESTERS } = this.#options;
    const files = writeNatsFiles(this.folders.nats, this.#ports.nats, requesters);
    this.#natsFiles = files;
    if (natsUrl !== undefined) return;
    this.#nats = this.#natsProcess(files);
    this.#nats.start();
    await this.#nats.whenReady();
  }

  async #addReplica(service: ServiceName): Promise<ManagedProcess> {
    const replica = this.replicas(service).length;
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const added = this.#manage(`${service}-${replica}`, address, () => isReady(address), {
      program: this.#node,
      args: [this.#options.mains?.[service] ?? mainOf(service)],
      env: { ...this.#serviceEnv(service, replica, port), ...this.#options.env?.(service, replica) },
      takesOrders: this.#options.takesOrders,
    });
    this.#services.set(service, [...this.replicas(service), added]);
    added.start();
    this.#proxy.add(service, address);
    return added;
  }

  #serviceEnv(service: ServiceName, replica: number, port: number): Record<string, string> {
    const { policies = SAMPLE_POLICIES } = this.#options;
    const { seeds } = this.natsAccess;
    return {
      PATH: inheritedPath(),
      NODE_COMPILE_CACHE: COMPILED,
      COUNTERSIGN_MODE: 'development',
      COUNTERSIGN_DATA: this.folders.data(service, replica),
      COUNTERSIGN_KEYS: this.folders.privateKeys(service),
      COUNTERSIGN_PUBLIC_KEYS: this.folders.publicKeys,
      COUNTERSIGN_PORT: String(port),
      COUNTERSIGN_EVENT_STORE: this.eventStoreAddress,
      COUNTERSIGN_LOG_LEVEL: 'warn',
      NATS_URL: this.natsUrl,
      COUNTERSIGN_NATS_NKEY_FILE: seeds[service],
      ...(service === 'intake' && { COUNTERSIGN_NATS_REQUESTS_NKEY_FILE: seeds.requests }),
      ...(service === 'policy' && { COUNTERSIGN_POLICIES: policies }),
    };
  }

  #natsProcess({ config, env }: NatsFiles): ManagedProcess {
    const { nats: port } = this.#ports;
    const { natsServer = natsServerPath() } = this.#options;
    return this.#manage('nats', `nats://127.0.0.1:${port}`, () => listens(port), {
      program: natsServer,
      args: ['-c', config],
      env: { PATH: inheritedPath(), ...env },
    });
  }

  #eventStoreProcess(): ManagedProcess {
    const { eventStore: port } = this.#ports;
    return this.#manage('event-store', `esdb://127.0.0.1:${port}?tls=false`, () => listens(port), {
      program: this.#node,
      args: [EVENT_STORE_MAIN, '--data', this.folders.log, '--port', String(port)],
      env: { PATH: inheritedPath(), NODE_COMPILE_CACHE: COMPILED },
    });
  }

  get #node(): string {
    return this.#options.nodePath ?? NODE;
  }

  #manage(
    name: string,
    address: string,
    isReady: () => Promise<boolean>,
    program: ProgramSettings,
  ): ManagedProcess {
    const { supervise = false, log } = this.#options;
    const isService = address.startsWith('http:');
    const onLine = (line: string, stream: OutputStream): void => {
      const forPeople = isService && stream === 'stdout';
      log?.(forPeople ? line : `${name.padEnd(14)} ${line}`, { process: name, forPeople });
    };
    return new ManagedProcess({
      name,
      address,
      isReady,
      supervise,
      program: { ...program, onLine, keepChars: KEPT_CHARS },
      tell: (what) => log?.(`${'stack'.padEnd(14)} ${what}`, { process: 'stack', forPeople: false }),
    });
  }
}

const isReady = async (address: string): Promise<boolean> => {
  try {
    const { status } = await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(POLL_MS) });
    return status === 200;
  } catch {
    return false;
  }
};

const stopAll = async (processes: readonly ManagedProcess[]): Promise<boolean[]> =>
  Promise.all(
    processes.map(async (process) => {
      const ending = await process.stop();
      return ending === undefined || ending.code === 0;
    }),
  );

const required = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`The stack has no ${what} of its own.`);
  return value;
};

import type { DynamicModule } from '@nestjs/common';
import type { Bus } from '@countersign/bus';
import {
  CodedRpcExceptionFilter,
  NatsStrategy,
  RequestIntakeQueue,
  type NatsBus,
} from '@countersign/bus-nats';
import { CALL_QUEUE } from '@countersign/contracts';
import { AppendVerifier, type EventStore } from '@countersign/event-store';
import { MAX_SKEW_MS, SystemClock, type Clock, type ServiceName } from '@countersign/kernel';
import { ActivePolicySetReader } from '@countersign/policy-engine';
import { activeDirectory } from '../authentication/active-directory.ts';
import { trustDevelopmentIssuer } from '../authentication/development-issuer.ts';
import { JwtAuthenticator } from '../authentication/jwt-authenticator.ts';
import { trustIssuers, type TrustedIssuer } from '../authentication/trusted-issuers.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import { createHttpApp } from '../http/create-http-app.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { openKeys, type NamedKeys } from '../named-keys.ts';
import type { ServiceContext } from '../service-context.ts';
import { createTelemetry } from '../telemetry/create-telemetry.ts';
import type { Logger } from '../telemetry/logger.ts';
import { meteredStore } from '../telemetry/metered-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createServiceContext, createWriter, type ProcessParts } from './create-service-context.ts';
import { openDataFolder } from './data-folder.ts';
import { openBus } from './open-bus.ts';
import { openStore, type ClosableStore } from './open-store.ts';
import { ensureStoreMode, MODE_STREAM } from './store-mode.ts';

export interface ServicePart {
  readonly service: ServiceName;
  /** Called once, before anything starts; registers its background work with the context's life cycle. */
  readonly module: (context: ServiceContext) => DynamicModule | Promise<DynamicModule>;
}

export interface ProcessOptions {
  /** `intake`, `all-in-one`: names the process in telemetry and on the bus. */
  readonly name: string;
  readonly version: string;
  readonly services: readonly ServicePart[];
  /** Whether the process starts a NATS server where `NATS_URL` names none. */
  readonly ownNatsServer?: boolean;
  /** Wraps the store that every service is given: failpoints, in test composition roots only. */
  readonly decorateStore?: (store: EventStore) => EventStore;
  /** Wraps the bus that every service is given, likewise. */
  readonly decorateBus?: (bus: Bus) => Bus;
  readonly clock?: Clock;
}

export interface RunningProcess {
  /** `http://127.0.0.1:7420` */
  readonly address: string;
  readonly config: ServiceConfig;
  readonly lifecycle: Lifecycle;
  /** Drains; true where everything ended in time and cleanly. */
  stop(): Promise<boolean>;
}

/**
 * Builds and starts a process; resolves when it serves. Where a part doesn't start, what did is stopped
 * again and its error is thrown.
 */
export const startProcess = async (
  options: ProcessOptions,
  config: ServiceConfig,
  log: Logger,
): Promise<RunningProcess> => {
  const lifecycle = new Lifecycle(log);
  const stop = async (): Promise<boolean> => lifecycle.stop(config.shutdownTimeoutMs, config.drainMs);
  try {
    const listening = await compose(options, config, log, lifecycle);
    await lifecycle.start();
    return { address: listening.address(), config, lifecycle, stop };
  } catch (error) {
    lifecycle.fail(error);
    await stop();
    throw error;
  }
};

interface Listening {
  /** Known once the life cycle has started. */
  address(): string;
}

const compose = async (
  options: ProcessOptions,
  config: ServiceConfig,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<Listening> => {
  const parts = await openParts(options, config, log, lifecycle);
  const modules: DynamicModule[] = [];
  for (const { service, module } of options.services) {
    modules.push(await module(await createServiceContext(service, parts)));
  }
  return serve(options, parts, modules);
};

const openParts = async (
  options: ProcessOptions,
  config: ServiceConfig,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<ProcessParts> => {
  const folder = openDataFolder(config.dataFolder);
  const clock = options.clock ?? new SystemClock();
  const processName = `countersign-${options.name}`;
  const telemetry = await createTelemetry({ processName, otlpEndpoint: config.otlpEndpoint });
  lifecycle.add({ name: 'telemetry', stop: async () => telemetry.close() });
  const opened = await openStore({ config: config.eventStore, processName, folder: folder.log, clock });
  const store = serveStore(opened, options, { clock, telemetry, lifecycle });
  const services = options.services.map(({ service }) => service);
  const { keys, keyRing } = openKeys(folder.keys, services);
  const verifier = new AppendVerifier(keyRing);
  const ownServer = options.ownNatsServer === true;
  const { nats, requesters } = await openBus({
    processName,
    services,
    config,
    folder,
    clock,
    log,
    lifecycle,
    ownServer,
  });
  const bus = options.decorateBus?.(nats) ?? nats;
  const shared = { config, folder, store, verifier, nats, bus, clock, keys, telemetry, log, lifecycle };
  await requireMode(options, shared);
  watchClock(clock, lifecycle);
  const policySets = new ActivePolicySetReader(store, verifier);
  const issuers = await trustedIssuers(config, keys);
  const authenticator = new JwtAuthenticator({ issuers, clock, directory: activeDirectory(policySets) });
  return {
    ...shared,
    requesters,
    requestQueue: new RequestIntakeQueue({ link: requesters.link, log, replicas: config.nats.replicas ?? 1 }),
    policySets,
    authenticator,
  };
};

interface StoreSurroundings {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly lifecycle: Lifecycle;
}

/** The store as the services are given it; it is closed after them, and readiness reads from it. */
const serveStore = (
  opened: ClosableStore,
  { decorateStore = (store) => store }: ProcessOptions,
  { clock, telemetry, lifecycle }: StoreSurroundings,
): EventStore => {
  const store = meteredStore(decorateStore(opened), telemetry, clock);
  lifecycle.add({
    name: 'store',
    stop: async () => opened.close(),
    ready: async () => {
      await store.readStream(MODE_STREAM, { limit: 1 });
      return undefined;
    },
  });
  return store;
};

type Shared = Omit<ProcessParts, 'requesters' | 'requestQueue' | 'policySets' | 'authenticator'>;

const requireMode = async ({ services }: ProcessOptions, parts: Shared): Promise<void> => {
  const { config, store, verifier, clock, folder } = parts;
  const writesMode = services.some(({ service }) => service === 'policy');
  const writer = writesMode ? await createWriter('policy', parts) : undefined;
  await ensureStoreMode({ mode: config.mode, store, verifier, clock, writer, markerPath: folder.mode });
};

/** A wrong clock must not decide a deadline in silence. */
const watchClock = (clock: Clock, lifecycle: Lifecycle): void =>
  lifecycle.add({
    name: 'clock',
    ready: () =>
      clock.skewMs() <= MAX_SKEW_MS
        ? undefined
        : `The machine's clock is ${Math.round(clock.skewMs())} ms away from the time that was recorded.`,
  });

const trustedIssuers = async (config: ServiceConfig, keys: NamedKeys): Promise<TrustedIssuer[]> => {
  const configured = trustIssuers(config.issuers);
  return config.mode === 'development' ? [...configured, await trustDevelopmentIssuer(keys)] : configured;
};

const serve = async (
  { version }: ProcessOptions,
  parts: ProcessParts,
  modules: readonly DynamicModule[],
): Promise<Listening> => {
  const { config, lifecycle } = parts;
  const http = await createHttpApp({ ...parts, modules, version });
  serveCalls(http.app, parts.nats);
  let address = '';
  lifecycle.add({
    name: 'http and calls',
    start: async () => {
      await http.app.startAllMicroservices();
      address = await http.listen(config.http.host, config.http.port);
    },
    stop: async () => http.close(),
  });
  return { address: () => address };
};

/** Every service's calls under one queue name: a subject has one service, whatever process it runs in. */
const serveCalls = (app: Awaited<ReturnType<typeof createHttpApp>>['app'], bus: NatsBus): void => {
  const calls = app.connectMicroservice(
    { strategy: new NatsStrategy({ bus, queue: CALL_QUEUE }) },
    { deferInitialization: true },
  );
  calls.useGlobalFilters(new CodedRpcExceptionFilter());
};

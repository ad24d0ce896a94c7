import type { DynamicModule } from '@nestjs/common';
import type { Bus, RequesterOutlet, RequestQueue } from '@countersign/bus';
import {
  CodedRpcExceptionFilter,
  NatsStrategy,
  RequestIntakeQueue,
  type CallHandler,
  type NatsStrategyOptions,
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
import type { OnHttpAnswer } from '../http/http-answers.ts';
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
import { awaitStoreMode, ensureStoreMode, MODE_STREAM } from './store-mode.ts';

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
  /** Wraps what requesters reach the process by, and hear from it by. */
  readonly decorateRequestQueue?: (queue: RequestQueue) => RequestQueue;
  readonly decorateRequesterOutlet?: (outlet: RequesterOutlet) => RequesterOutlet;
  /** Wraps the handler of each call that is served over the bus. */
  readonly decorateCalls?: (handler: CallHandler) => CallHandler;
  /** Waited for before and after each answer over HTTP. */
  readonly onHttpAnswer?: OnHttpAnswer;
  readonly clock?: Clock;
  /** Aborts when the process is to end, though it hasn't started yet. */
  readonly ending?: AbortSignal;
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
  const { keys, keyRing } = openKeys(config.keys, services, config.mode);
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
  const issuers = trustedIssuers(config, keys);
  const authenticator = new JwtAuthenticator({ issuers, clock, directory: activeDirectory(policySets) });
  const requestQueue = new RequestIntakeQueue({
    link: requesters.link,
    log,
    replicas: config.nats.replicas ?? 1,
  });
  return {
    ...shared,
    requesterOutlet: options.decorateRequesterOutlet?.(requesters) ?? requesters,
    requestQueue: options.decorateRequestQueue?.(requestQueue) ?? requestQueue,
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

type Shared = Omit<ProcessParts, 'requesterOutlet' | 'requestQueue' | 'policySets' | 'authenticator'>;

const requireMode = async (
  { services, ending = new AbortController().signal }: ProcessOptions,
  parts: Shared,
): Promise<void> => {
  const { config, store, verifier, clock, folder, log, lifecycle } = parts;
  const writesMode = services.some(({ service }) => service === 'policy');
  const mode = {
    mode: config.mode,
    store,
    verifier,
    clock,
    writer: writesMode ? await createWriter('policy', parts) : undefined,
    shared: config.eventStore.kind === 'esdb',
    markerPath: folder.mode,
  };
  if (await ensureStoreMode(mode)) return;
  // Nothing that comes after it starts before: no view, no work, no call.
  log.info('The log says no mode yet; this waits until the policy service has started.');
  lifecycle.add({ name: "log's mode", start: async () => awaitStoreMode(mode, ending) });
};

/** A wrong clock must not decide a deadline in silence. */
const watchClock = (clock: Clock, lifecycle: Lifecycle): void =>
  lifecycle.add({
    name: 'clock',
    ready: () =>
      clock.skewMs() <= MAX_SKEW_MS
        ? undefined
        : `The machine's clock is ${Math.round(clock.skewMs())} ms away from the log's time; set it right and restart.`,
  });

const trustedIssuers = (config: ServiceConfig, keys: NamedKeys): TrustedIssuer[] => {
  const configured = trustIssuers(config.issuers);
  return config.mode === 'development' ? [...configured, trustDevelopmentIssuer(keys)] : configured;
};

const serve = async (
  { version, onHttpAnswer, decorateCalls }: ProcessOptions,
  parts: ProcessParts,
  modules: readonly DynamicModule[],
): Promise<Listening> => {
  const { config, lifecycle } = parts;
  const { maxConnections } = config.http;
  const http = await createHttpApp({ ...parts, modules, version, onHttpAnswer, maxConnections });
  serveCalls(http.app, { bus: parts.nats, decorate: decorateCalls });
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
const serveCalls = (
  app: Awaited<ReturnType<typeof createHttpApp>>['app'],
  serving: Pick<NatsStrategyOptions, 'bus' | 'decorate'>,
): void => {
  const calls = app.connectMicroservice(
    { strategy: new NatsStrategy({ ...serving, queue: CALL_QUEUE }) },
    { deferInitialization: true },
  );
  calls.useGlobalFilters(new CodedRpcExceptionFilter());
};

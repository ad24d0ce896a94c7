import type { NatsBus } from '@countersign/bus-nats';
import {
  EventWriter,
  parseStreamName,
  type AppendVerifier,
  type EventStore,
  type RecordedEvent,
} from '@countersign/event-store';
import type { Bus, RequesterOutlet, RequestQueue } from '@countersign/bus';
import type { Clock, ServiceName } from '@countersign/kernel';
import type { ActivePolicySetReader } from '@countersign/policy-engine';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { NamedKeys } from '../named-keys.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DataFolder } from './data-folder.ts';

/** What all services of one process share. */
export interface ProcessParts {
  readonly config: ServiceConfig;
  readonly folder: DataFolder;
  readonly store: EventStore;
  readonly verifier: AppendVerifier;
  /** The connection itself: serves calls, and carries the bus. */
  readonly nats: NatsBus;
  readonly bus: Bus;
  /** Where requesters are: the same connection, or one of its own on their account. */
  readonly requesterOutlet: RequesterOutlet;
  readonly requestQueue: RequestQueue;
  readonly clock: Clock;
  readonly policySets: ActivePolicySetReader;
  readonly authenticator: Authenticator;
  readonly keys: NamedKeys;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

const ringFor =
  (bus: Pick<Bus, 'ring'>) =>
  (events: readonly RecordedEvent[]): void => {
    const last = events.at(-1);
    if (last === undefined) return;
    const { stream, revision, type, id } = last;
    bus.ring({ category: parseStreamName(stream).category, stream, revision, type, id });
  };

export const createWriter = async (
  service: ServiceName,
  parts: Pick<ProcessParts, 'store' | 'keys' | 'clock' | 'bus' | 'log' | 'verifier'>,
): Promise<EventWriter> => {
  const { store, keys, clock, bus, log, verifier } = parts;
  return new EventWriter({
    service,
    store,
    clock,
    verifier,
    signer: await keys.signer(service),
    onAppended: ringFor(bus),
    onHookError: (error) => log.error('A doorbell could not be rung.', { error }),
  });
};

/** One service's share of the process: its own writer, log and views, everything else in common. */
export const createServiceContext = async (
  service: ServiceName,
  parts: ProcessParts,
): Promise<ServiceContext> => ({
  ...parts,
  service,
  writer: await createWriter(service, parts),
  log: parts.log.child({ service }),
  viewPath: (name) => parts.folder.view(service, name),
});

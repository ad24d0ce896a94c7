import type { ServiceName } from '@countersign/kernel';
import { AppendVerifier, EventWriter, type EventStore, type RecordedEvent } from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { indexDirectory, resolvePrincipal } from '@countersign/domain-directory';
import {
  ActivePolicySetReader,
  parsePolicySet,
  POLICY_SET_STREAM,
  policySetToEvents,
  readPolicyFolder,
  type PolicyFile,
} from '@countersign/policy-engine';
import { SILENT_LOGGER, type Caller, type ServiceContext } from '@countersign/service-host';

import { ManualClock, testKeys } from '@countersign/testing';
import { quietTelemetry } from './quiet-telemetry.ts';

const ACME = new URL('../../../deploy/samples/acme', import.meta.url).pathname;
const DEVELOPMENT_ISSUER = 'urn:countersign:development';

/** The part of a service's context that use cases need; the bus is the test's own affair. */
export type UseCaseContext = Pick<
  ServiceContext,
  'service' | 'store' | 'writer' | 'verifier' | 'clock' | 'policySets' | 'telemetry' | 'log'
>;

/** A store in memory with real signatures, a clock by hand, and the sample organisation in force. */
export class World {
  readonly clock = new ManualClock();
  readonly keys = testKeys();
  readonly store: EventStore = new MemoryEventStore(this.clock);
  readonly #verifier = new AppendVerifier(this.keys.keyRing);
  readonly policySets = new ActivePolicySetReader(this.store, this.#verifier);

  static async acme(): Promise<World> {
    const world = new World();
    await world.activate(await readPolicyFolder(ACME));
    return world;
  }

  /** `store`: a decorated one, where a test injects faults; each call is a replica of its own. */
  context(service: ServiceName, store: EventStore = this.store): UseCaseContext {
    return {
      service,
      store,
      writer: this.writer(service, store),
      verifier: new AppendVerifier(this.keys.keyRing),
      clock: this.clock,
      policySets: new ActivePolicySetReader(store, this.#verifier),
      telemetry: quietTelemetry(),
      log: SILENT_LOGGER,
    };
  }

  writer(service: ServiceName, store: EventStore = this.store): EventWriter {
    return new EventWriter({ service, store, signer: this.keys.signer(service), clock: this.clock });
  }

  async activate(files: readonly PolicyFile[]): Promise<void> {
    const set = parsePolicySet(files);
    const active = await this.policySets.read();
    const by = { type: 'User', id: 'carol' };
    const events = policySetToEvents(set, by, active?.set.digest);
    await this.writer('policy').append(POLICY_SET_STREAM, active?.revision ?? 'no-stream', events, {
      actor: { ...by, via: { channel: 'api' } },
      correlationId: set.digest,
    });
  }

  /** Resolved through the directory in force, as a verified development token would be. */
  async caller(entity: string, initiator?: string): Promise<Caller> {
    const active = await this.policySets.read();
    if (active === undefined) throw new Error('The world has no policy set.');
    const identity = (sub: string) => ({ issuer: DEVELOPMENT_ISSUER, sub });
    const resolution = resolvePrincipal(
      indexDirectory(active.set.directory),
      identity(entity),
      initiator === undefined ? undefined : identity(initiator),
    );
    if (resolution.kind === 'refused') throw new Error(`${entity} is refused: ${resolution.refusal}`);
    return {
      principal: resolution.principal,
      via: { channel: 'api', ...identity(entity) },
      token: `token of ${entity}`,
    };
  }

  events(stream: string): Promise<readonly RecordedEvent[]> {
    return this.store.readStream(stream);
  }
}

import { fileURLToPath } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import type { Bus, Doorbell, StopHearing } from '@countersign/bus';
import { bindAction, parseActionBody, type ActionRequested } from '@countersign/domain-action';
import type { Principal } from '@countersign/domain-directory';
import type { ReviewEvent } from '@countersign/domain-review';
import {
  AppendVerifier,
  EventWriter,
  parseStreamName,
  streamName,
  WRITER_OF,
  type Actor,
  type Appended,
  type EventStore,
  type RecordedEvent,
} from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { formatEntity, type Json, type ServiceName } from '@countersign/kernel';
import { CedarPolicyEngine } from '@countersign/policy-cedar';
import {
  ActivePolicySetReader,
  parsePolicySet,
  POLICY_SET_STREAM,
  policySetToEvents,
  readPolicyFolder,
  type PolicyFile,
  type PolicySet,
} from '@countersign/policy-engine';
import {
  RefusedAttempts,
  SILENT_LOGGER,
  type Caller,
  type Logger,
  type Telemetry,
} from '@countersign/service-host';
import { quietTelemetry } from '@countersign/service-testing';
import { ManualClock, testKeys } from '@countersign/testing';
import { ActivatePolicySet } from './activation/activate-policy-set.ts';
import { CancelReview } from './cancellation/cancel-review.ts';
import { RecordDecision } from './decisions/record-decision.ts';
import { ExpiryCause } from './due-work/expiry-cause.ts';
import { EnsureReview } from './due-work/ensure-review.ts';
import { EnsureEvaluated } from './evaluation/ensure-evaluated.ts';
import { ActivePolicies } from './policies/active-policies.ts';
import { POLICY_SERVICE } from './policies/service-actor.ts';
import { Reauthorize } from './reauthorization/reauthorize.ts';
import { ReviewStreams } from './streams/review-streams.ts';

const ACME = fileURLToPath(new URL('../../../../deploy/samples/acme', import.meta.url));
const ISSUER = 'urn:countersign:development';

/** The sample organisation's files, some replaced. */
export const acmeFiles = async (
  changes: Readonly<Record<string, (content: string) => string>> = {},
): Promise<readonly PolicyFile[]> => {
  const files = await readPolicyFolder(ACME);
  return files.map(({ path, content }) => ({ path, content: changes[path]?.(content) ?? content }));
};

const caller = (principal: Principal): Caller => ({
  principal,
  via: { channel: 'api', issuer: ISSUER, sub: formatEntity(principal.ref) },
  token: 'not-looked-at-here',
});

export const person = (id: string): Caller =>
  caller({ kind: 'person', ref: { type: 'User', id }, verified: true });

export const agent = (id: string): Caller =>
  caller({ kind: 'requester', ref: { type: 'Agent', id }, owner: { type: 'User', id: 'nobody' } });

/** Doorbells are rung by the test alone. */
export class TestBus implements Bus {
  readonly connected = true;
  #hearers: ((doorbell: Doorbell) => void | Promise<void>)[] = [];
  ring(): void {}
  hear(_hearing: object, onRing: (doorbell: Doorbell) => void | Promise<void>): StopHearing {
    this.#hearers.push(onRing);
    return async () => void (this.#hearers = this.#hearers.filter((hearer) => hearer !== onRing));
  }
  request(): Promise<never> {
    return Promise.reject(new Error('Nobody is asked here.'));
  }
  ringFor(requestId: string): void {
    const doorbell = {
      category: 'request',
      stream: `request-${requestId}`,
      revision: 0,
      type: 'ActionRequested',
      id: '1',
    };
    for (const hearer of this.#hearers) void hearer(doorbell);
  }
}

interface Count {
  readonly metric: string;
  readonly attributes: Attributes;
}

/** Traces nothing, and remembers what was counted. */
const countingTelemetry = (counts: Count[]): Telemetry => {
  const quiet = quietTelemetry();
  const count =
    (metric: string) =>
    (_value: number, attributes: Attributes = {}) => {
      counts.push({ metric, attributes });
    };
  const metrics = {
    ...quiet.metrics,
    requests: { add: count('requests') },
    decisionWait: { record: count('decisionWait') },
    refusedAttempts: { add: count('refusedAttempts') },
    alarms: { add: count('alarms') },
    appendLatency: { record: count('appendLatency') },
    httpDuration: { record: count('httpDuration') },
  };
  return { ...quiet, metrics };
};

export const EXPORT = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'monthly report', rows: 100 },
};
export const BULK_EXPORT = { ...EXPORT, context: { justification: 'everything', rows: 100_000 } };
export const STAGING_READ = {
  action: { name: 'data.read' },
  resource: { type: 'Dataset', id: 'staging-1' },
  context: { justification: 'look' },
};
export const ROTATE = {
  action: { name: 'secret.rotate' },
  resource: { type: 'Secret', id: 'db-password' },
  context: { justification: 'due' },
};

const requestId = (nth: number): string => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;

/** One log, one clock, the sample organisation; replicas of the policy service's use cases over them. */
export class PolicyWorld {
  readonly clock = new ManualClock();
  readonly store = new MemoryEventStore(this.clock);
  readonly keys = testKeys();
  readonly counts: Count[] = [];
  readonly telemetry = countingTelemetry(this.counts);
  readonly engine = new CedarPolicyEngine();
  readonly log: Logger = SILENT_LOGGER;
  #requests = 0;

  static async with(files?: readonly PolicyFile[]): Promise<PolicyWorld> {
    const world = new PolicyWorld();
    await world.activate(files ?? (await acmeFiles()));
    return world;
  }

  writer(service: ServiceName, store: EventStore = this.store): EventWriter {
    return new EventWriter({ service, store, signer: this.keys.signer(service), clock: this.clock });
  }

  /** Puts a set in force as if an activation had. */
  async activate(files: readonly PolicyFile[]): Promise<PolicySet> {
    const set = parsePolicySet(files);
    const [head] = await this.store.readStream(POLICY_SET_STREAM, { direction: 'backwards', limit: 1 });
    await this.writer('policy').append(
      POLICY_SET_STREAM,
      head?.revision ?? 'no-stream',
      policySetToEvents(set, { type: 'User', id: 'carol' }),
      { actor: POLICY_SERVICE, correlationId: 'activation' },
    );
    return set;
  }

  /** What intake would append; by `Agent::"etl-bot"`, owned by carol, unless told. */
  async submit(
    body: Json,
    subject: ActionRequested['data']['subject'] = { type: 'Agent', id: 'etl-bot', properties: {} },
  ): Promise<string> {
    this.#requests += 1;
    const id = requestId(this.#requests);
    const { action, digest } = bindAction(subject, parseActionBody(body));
    const data = { ...action, requestId: id, digest, requestedAt: this.clock.now() };
    await this.append('intake', 'request', id, 'no-stream', { type: 'ActionRequested', data });
    return id;
  }

  /** Straight into the store, signed by whom it says. */
  append(
    service: ServiceName,
    category: 'request' | 'review' | 'delivery',
    id: string,
    expectedRevision: 'no-stream' | number,
    ...events: readonly { readonly type: string; readonly data: object }[]
  ): Promise<Appended> {
    const actor: Actor = { type: 'Service', id: `countersign/${service}`, via: { channel: 'service' } };
    return this.writer(service).append(streamName(category, id), expectedRevision, events, {
      actor,
      correlationId: id,
    });
  }

  /** Written past the signing key, as somebody with access to the store alone would. */
  async forge(stream: string, event: { readonly type: string; readonly data: object }): Promise<void> {
    const strangers = testKeys();
    const events = await this.store.readStream(stream);
    const service = WRITER_OF[parseStreamName(stream).category];
    const writer = new EventWriter({
      service,
      store: this.store,
      signer: {
        kid: this.keys.signer(service).kid,
        sign: (bytes) => strangers.signer(service).sign(bytes),
      },
      clock: this.clock,
    });
    await writer.append(stream, events.at(-1)?.revision ?? 'no-stream', [event], {
      actor: POLICY_SERVICE,
      correlationId: 'forged',
    });
  }

  async digestOf(id: string): Promise<string> {
    const [event] = await this.store.readStream(streamName('request', id));
    const digest = event?.data['digest'];
    if (typeof digest !== 'string') throw new Error(`There is no request ${id}.`);
    return digest;
  }

  review(id: string): Promise<readonly RecordedEvent[]> {
    return this.store.readStream(streamName('review', id));
  }

  async reviewTypes(id: string): Promise<readonly string[]> {
    return (await this.review(id)).map(({ type }) => type);
  }

  async attempts(id: string): Promise<readonly unknown[]> {
    const events = await this.store.readStream(streamName('reviewattempt', id));
    return events.map(({ data }) => data['refusal']);
  }

  replica(store: EventStore = this.store) {
    const { clock, telemetry, engine, log } = this;
    const verifier = new AppendVerifier(this.keys.keyRing);
    const writer = this.writer('policy', store);
    const policySets = new ActivePolicySetReader(store, verifier);
    const shared = { store, writer, verifier, clock, telemetry, log, engine, policySets };
    const policies = new ActivePolicies(policySets, engine);
    const streams = new ReviewStreams(shared);
    const ensureEvaluated = new EnsureEvaluated({ ...shared, policies, streams });
    const attempts = new RefusedAttempts(shared, { kind: 'decision', category: 'reviewattempt' });
    const expiryCause = new ExpiryCause(shared);
    const parts = { ...shared, policies, streams, ensureEvaluated, attempts, expiryCause };
    return {
      ...parts,
      ensureReview: new EnsureReview(parts),
      recordDecision: new RecordDecision(parts),
      cancelReview: new CancelReview(parts),
      reauthorize: new Reauthorize(parts),
      activatePolicySet: new ActivatePolicySet(parts),
    };
  }
}

export type Replica = ReturnType<PolicyWorld['replica']>;
export type ReviewEventType = ReviewEvent['type'];

export const TERMINAL: readonly string[] = [
  'ReviewApproved',
  'ReviewDenied',
  'ReviewExpired',
  'ReviewCancelled',
] satisfies readonly ReviewEventType[];

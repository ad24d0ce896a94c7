import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindAction, parseActionBody, type ActionRequested } from '@countersign/domain-action';
import { groupsOf, indexDirectory, ownerOf } from '@countersign/domain-directory';
import {
  cancelReview,
  evaluateRequest,
  foldReview,
  recordDecision,
  reviewEvents,
  type Evaluation,
  type Obligations,
  type ReviewEvent,
} from '@countersign/domain-review';
import { streamName, type Category, type EventStore, type RecordedEvent } from '@countersign/event-store';
import type { Json, JsonObject, Outcome, ServiceName } from '@countersign/kernel';
import { publicFolderOf } from '@countersign/keys-file';
import {
  openKeys,
  serviceActor,
  SILENT_LOGGER,
  type Caller,
  type LogFields,
  type NamedKeys,
} from '@countersign/service-host';
import { quietTelemetry, World } from '@countersign/service-testing';
import { testKeys } from '@countersign/testing';
import { afterAll } from 'vitest';
import { composeGrants, type GrantsContext } from './credentials-module.ts';
import { parseRedemption } from './redemption/parse-redemption.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const UNKNOWN_ID = '11111111-1111-4111-8111-111111111111';

const folder = mkdtempSync(join(tmpdir(), 'countersign-grants-'));
afterAll(() => rmSync(folder, { recursive: true }));

const permit = (change: Partial<Obligations>): Evaluation => ({
  kind: 'permit',
  policySetDigest: 'set-1',
  directoryDigest: 'directory-1',
  detail: 'Exports need an owner of the data.',
  policies: [{ id: 'export-needs-data-owner', description: 'Exports need an owner of the data.' }],
  errors: [],
  catalogue: {},
  claims: [],
  obligations: {
    groups: [{ group: 'data-owners', quorum: 1 }],
    expiresInMs: 15 * MINUTE_MS,
    grantTtlMs: 5 * MINUTE_MS,
    channels: ['log'],
    controls: [],
    enforcement: 'advisory',
    ...change,
  },
});

export const EXPORT = {
  action: { name: 'data.export', properties: { format: 'csv' } },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'Quarterly report', rows: 500, command: ['pg_dump', '--table=customers'] },
};
/** To be run by the gateway in front of the database, not by the one who asks. */
export const GUARDED = {
  ...EXPORT,
  context: { ...EXPORT.context, executor: { type: 'Service', id: 'db-gateway' } },
};

interface Count {
  readonly metric: 'requests' | 'refusedAttempts' | 'alarms';
  readonly attributes: unknown;
}

/** The policy service as the bus shows it: what it answers, and what it was asked. */
class PolicyDouble {
  readonly asked: Json[] = [];
  answer: () => Json | Promise<Json> = () => ({
    authorized: true,
    policySetDigest: 'set-2',
    directoryDigest: 'directory-2',
  });

  async request(_natsSubject: string, message: Json): Promise<Json> {
    this.asked.push(message);
    return this.answer();
  }
}

/** One log, one clock, the sample organisation; replicas of the credentials service's use cases over them. */
export class GrantWorld {
  readonly world: World;
  readonly keys: NamedKeys;
  readonly policy = new PolicyDouble();
  readonly counts: Count[] = [];
  readonly errors: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  #requests = 0;

  private constructor(world: World) {
    this.world = world;
    const keys = join(mkdtempSync(join(folder, 'keys-')), 'keys');
    this.keys = openKeys({ folder: keys, publicFolder: publicFolderOf(keys) }, ['credentials']).keys;
  }

  static async acme(): Promise<GrantWorld> {
    return new GrantWorld(await World.acme());
  }

  get clock() {
    return this.world.clock;
  }

  context(store: EventStore = this.world.store): GrantsContext {
    const count =
      (metric: Count['metric']) =>
      (_value: number, attributes?: object): void => {
        this.counts.push({ metric, attributes });
      };
    const telemetry = quietTelemetry();
    const metrics = {
      ...telemetry.metrics,
      requests: { add: count('requests') },
      refusedAttempts: { add: count('refusedAttempts') },
      alarms: { add: count('alarms') },
    };
    return {
      ...this.world.context('credentials', store),
      telemetry: { ...telemetry, metrics },
      log: { ...SILENT_LOGGER, error: (message, fields) => void this.errors.push({ message, fields }) },
      keys: this.keys,
      bus: { ...SILENT_BUS, request: (subject, message) => this.policy.request(subject, message) },
    };
  }

  replica(store?: EventStore) {
    const context = this.context(store);
    const grants = composeGrants(context);
    const redeem = (caller: Caller, body: Json) => grants.redeemGrant.redeem(parseRedemption(body), caller);
    return { ...grants, redeem, verifier: context.verifier };
  }

  caller(entity: string, initiator?: string): Promise<Caller> {
    return this.world.caller(entity, initiator);
  }

  /** What intake would append, by `Agent::"etl-bot"`, owned by carol. */
  async submit(body: Json = EXPORT): Promise<string> {
    this.#requests += 1;
    const requestId = `00000000-0000-4000-8000-${String(this.#requests).padStart(12, '0')}`;
    const subject = { type: 'Agent', id: 'etl-bot', properties: {} };
    const { action, digest } = bindAction(subject, parseActionBody(body));
    const data = { ...action, requestId, digest, requestedAt: this.clock.now() };
    await this.append('intake', 'request', requestId, { type: 'ActionRequested', data });
    return requestId;
  }

  async open(body: Json = EXPORT, obligations: Partial<Obligations> = {}): Promise<string> {
    const requestId = await this.submit(body);
    const { directory } = await this.#directory();
    const request = await this.request(requestId);
    const evaluation = permit(obligations);
    await this.#review(requestId, (review) =>
      evaluateRequest({ request, evaluation, directory, now: this.clock.now() }, review),
    );
    return requestId;
  }

  /** Asked for, reviewed and approved by these persons. */
  async approved(body: Json = EXPORT, obligations?: Partial<Obligations>, by = ['alice']): Promise<string> {
    const requestId = await this.open(body, obligations);
    for (const person of by) await this.decide(requestId, person, 'approve');
    return requestId;
  }

  async decide(requestId: string, person: string, decision: 'approve' | 'deny'): Promise<void> {
    const index = await this.#directory();
    const request = await this.request(requestId);
    await this.#review(requestId, (review) =>
      recordDecision(
        {
          request,
          decision,
          approver: { kind: 'User', id: person, verified: true, groups: groupsOf(index, person) },
          ownerNow: ownerOf(index, request.subject),
          reason: 'as agreed',
          digest: request.digest,
          directoryDigest: 'directory-1',
          via: { channel: 'api' },
          now: this.clock.now(),
        },
        review,
      ),
    );
  }

  async cancel(requestId: string): Promise<void> {
    const request = await this.request(requestId);
    const by = { type: 'Agent', id: 'etl-bot' };
    await this.#review(requestId, (review) =>
      cancelReview(
        { by, groups: [], requester: request.subject, ownerNow: undefined, now: this.clock.now() },
        review,
      ),
    );
  }

  /** What the redeemer posts: the action as it was approved, with this token. */
  async redemption(requestId: string, token: string, redemptionId?: string): Promise<JsonObject> {
    const { subject, action, resource, context } = await this.request(requestId);
    const parts = {
      subject: { ...subject },
      action: { ...action },
      resource: { ...resource },
      context: { ...context },
    };
    return { token, ...parts, ...(redemptionId !== undefined && { redemptionId }) };
  }

  async request(requestId: string): Promise<ActionRequested['data']> {
    const [event] = await this.events('request', requestId);
    return event?.data as unknown as ActionRequested['data'];
  }

  events(category: Category, requestId: string): Promise<readonly RecordedEvent[]> {
    return this.world.events(streamName(category, requestId));
  }

  async types(category: Category, requestId: string): Promise<readonly string[]> {
    return (await this.events(category, requestId)).map(({ type }) => type);
  }

  async refusals(requestId: string): Promise<readonly unknown[]> {
    return (await this.events('grantattempt', requestId)).map(({ data }) => data['refusal']);
  }

  counted(metric: Count['metric']): readonly unknown[] {
    return this.counts.filter((count) => count.metric === metric).map(({ attributes }) => attributes);
  }

  /** Straight into the store, signed by the service that it names. */
  async append(
    service: ServiceName,
    category: Category,
    id: string,
    ...events: readonly { readonly type: string; readonly data: object }[]
  ): Promise<void> {
    const stream = streamName(category, id);
    const head = (await this.world.events(stream)).at(-1)?.revision ?? 'no-stream';
    const context = { actor: serviceActor(service), correlationId: id };
    await this.world.writer(service).append(stream, head, events, context);
  }

  /** Written past the signing key, as somebody with access to the store alone would. */
  async forge(
    service: ServiceName,
    category: Category,
    id: string,
    ...events: readonly { readonly type: string; readonly data: object }[]
  ): Promise<void> {
    const strangers = testKeys();
    const { signer } = this.world.keys;
    const original = this.world.keys.signer(service);
    Object.assign(this.world.keys, {
      signer: (): typeof original => ({
        kid: original.kid,
        sign: (bytes) => strangers.signer(service).sign(bytes),
      }),
    });
    try {
      await this.append(service, category, id, ...events);
    } finally {
      Object.assign(this.world.keys, { signer });
    }
  }

  async #directory() {
    const active = await this.world.policySets.read();
    if (active === undefined) throw new Error('The world has no policy set.');
    return indexDirectory(active.set.directory);
  }

  async #review(
    requestId: string,
    decide: (review: ReturnType<typeof foldReview>) => Outcome<ReviewEvent, string>,
  ): Promise<void> {
    const outcome = decide(foldReview(reviewEvents(await this.events('review', requestId))));
    if (outcome.kind !== 'decided') throw new Error(`The review is not moved on: ${JSON.stringify(outcome)}`);
    await this.append('policy', 'review', requestId, ...outcome.events);
  }
}

const SILENT_BUS = { ring: () => undefined, hear: () => () => Promise.resolve(), connected: true };

export type Replica = ReturnType<GrantWorld['replica']>;

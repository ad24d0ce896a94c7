import {
  bindAction,
  parseActionBody,
  redeemerOf,
  type ActionRequested,
  type Subject,
} from '@countersign/domain-action';
import { groupsOf, indexDirectory, ownerOf, type Directory } from '@countersign/domain-directory';
import { decideGrant, grantTerms, type GrantCommand, type GrantEvent } from '@countersign/domain-grant';
import {
  decideReview,
  type Evaluation,
  type Obligations,
  type ReviewCommand,
  type ReviewEvent,
} from '@countersign/domain-review';
import { foldThread, statusOf, type Thread } from '@countersign/domain-thread';
import { streamName, type Category } from '@countersign/event-store';
import {
  timestampNow,
  type DomainEvent,
  type Json,
  type Outcome,
  type ServiceName,
} from '@countersign/kernel';
import { serviceActor } from '@countersign/service-host';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;

/** An export that one of `data-owners` must approve, told on the channel `log`. */
const OBLIGATIONS: Obligations = {
  groups: [{ group: 'data-owners', quorum: 1 }],
  expiresInMs: 15 * MINUTE_MS,
  grantTtlMs: 5 * MINUTE_MS,
  channels: ['log'],
  controls: ['SOC2:CC6.1', 'NIST:AC-3(2)'],
  enforcement: 'advisory',
  risk: 'high',
};

const BODY: Json = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'Quarterly report', rows: 500 },
};

export interface StoryOptions {
  readonly requestId?: string;
  readonly subject?: Subject;
  readonly body?: Json;
  readonly obligations?: Partial<Obligations>;
  /** What the engine says besides. */
  readonly evaluation?: Partial<Pick<Evaluation, 'claims' | 'catalogue' | 'policies' | 'detail'>>;
  /** A W3C traceparent, where the request bears one. */
  readonly traceparent?: string;
}

/**
 * One request in a {@link World}: every step is decided by the real deciders and appended, signed, by the service
 * whose it is. A step that the rules refuse, or that changes nothing, appends nothing and answers false.
 */
export class RequestStory {
  readonly request: ActionRequested['data'];
  readonly #world: World;
  readonly #directory: Directory;
  readonly #traceparent: string | undefined;
  readonly #review: ReviewEvent[] = [];
  readonly #grant: GrantEvent[] = [];

  private constructor(world: World, directory: Directory, options: StoryOptions) {
    const { requestId = crypto.randomUUID(), body = BODY } = options;
    const { subject = { type: 'Agent', id: 'etl-bot', properties: {} } } = options;
    const { action, digest } = bindAction(subject, parseActionBody(body));
    this.request = { ...action, requestId, digest, requestedAt: timestampNow(world.clock) };
    this.#world = world;
    this.#directory = directory;
    this.#traceparent = options.traceparent;
  }

  /** Asked and evaluated: pending, or settled where nobody needs to be asked. */
  static async begin(world: World, options: StoryOptions = {}): Promise<RequestStory> {
    const active = await world.policySets.read();
    if (active === undefined) throw new Error('The world has no policy set.');
    const { directory } = active.set;
    const story = new RequestStory(world, directory, options);
    const { request } = story;
    await story.#append('intake', 'request', [{ type: 'ActionRequested', data: request }], 0);
    const evaluation = evaluationOf(options, active.set.digest);
    await story.decideReview({ type: 'EvaluateRequest', request, evaluation, directory, now: story.#now });
    return story;
  }

  get id(): string {
    return this.request.requestId;
  }

  get thread(): Thread {
    return foldThread({ request: this.request, review: this.#review, grant: this.#grant });
  }

  approve(person: string, reason = 'Looks right.'): Promise<boolean> {
    return this.#say('approve', person, reason);
  }

  deny(person: string, reason = 'Not now.'): Promise<boolean> {
    return this.#say('deny', person, reason);
  }

  escalate(): Promise<boolean> {
    return this.decideReview({ type: 'EscalateReview', request: this.request, now: this.#now });
  }

  expire(cause: 'timeout' | 'undeliverable' = 'timeout'): Promise<boolean> {
    return this.decideReview({ type: 'ExpireReview', cause, now: this.#now });
  }

  /** By the requester, whether or not it is approved yet. */
  async cancel(): Promise<boolean> {
    if (statusOf(this.thread) === 'approved') return this.revoke('cancelled');
    const { subject } = this.request;
    const command = { by: subject, groups: [], requester: subject, ownerNow: undefined, now: this.#now };
    return this.decideReview({ type: 'CancelReview', ...command });
  }

  claim(): Promise<boolean> {
    return this.#withTerms((terms) => ({
      type: 'ClaimGrant',
      by: this.request.subject,
      terms,
      jti: 'jti',
      now: this.#now,
    }));
  }

  /** False before the claim: nobody has a token then. */
  async redeem(): Promise<boolean> {
    const { grant } = this.thread;
    if (grant.status === 'unopened' || grant.token === undefined) return false;
    return this.decideGrant({
      type: 'RedeemGrant',
      by: redeemerOf(this.request),
      digest: this.request.digest,
      jti: grant.token.jti,
      policySetDigest: 'set',
      directoryDigest: 'directory',
      now: this.#now,
    });
  }

  report(status: 'succeeded' | 'failed', exitCode = status === 'succeeded' ? 0 : 1): Promise<boolean> {
    const outcome = { status, exitCode };
    return this.decideGrant({
      type: 'ReportExecution',
      by: redeemerOf(this.request),
      outcome,
      now: this.#now,
    });
  }

  revoke(cause: 'revoked' | 'cancelled' | 'authorization_lapsed' = 'revoked'): Promise<boolean> {
    const by = { type: 'User', id: 'carol' };
    return this.#withTerms((terms) => ({
      type: 'RevokeGrant',
      terms,
      cause,
      by,
      reason: 'No longer needed.',
      now: this.#now,
    }));
  }

  expireGrant(): Promise<boolean> {
    return this.#withTerms((terms) => ({ type: 'ExpireGrant', terms, now: this.#now }));
  }

  markUnreported(): Promise<boolean> {
    return this.decideGrant({ type: 'MarkUnreported', now: this.#now });
  }

  async decideReview(command: ReviewCommand): Promise<boolean> {
    const outcome = decideReview(command, this.thread.review);
    return this.#settle('policy', 'review', outcome, this.#review);
  }

  async decideGrant(command: GrantCommand): Promise<boolean> {
    const outcome = decideGrant(command, this.thread.grant);
    return this.#settle('credentials', 'grant', outcome, this.#grant);
  }

  get #now(): string {
    return timestampNow(this.#world.clock);
  }

  #say(decision: 'approve' | 'deny', person: string, reason: string): Promise<boolean> {
    const index = indexDirectory(this.#directory);
    return this.decideReview({
      type: 'RecordDecision',
      request: this.request,
      approver: { kind: 'User', id: person, verified: true, groups: groupsOf(index, person) },
      ownerNow: ownerOf(index, this.request.subject),
      decision,
      reason,
      digest: this.request.digest,
      directoryDigest: 'directory',
      via: { channel: 'api' },
      now: this.#now,
    });
  }

  async #withTerms(command: (terms: ReturnType<typeof grantTerms>) => GrantCommand): Promise<boolean> {
    const { review } = this.thread;
    if (review.status !== 'approved') return false;
    return this.decideGrant(command(grantTerms(this.request, review.approval)));
  }

  async #settle<Event extends DomainEvent>(
    service: ServiceName,
    category: Category,
    outcome: Outcome<Event, unknown>,
    stream: Event[],
  ): Promise<boolean> {
    if (outcome.kind !== 'decided') return false;
    await this.#append(service, category, outcome.events, stream.length);
    stream.push(...outcome.events);
    return true;
  }

  async #append(
    service: ServiceName,
    category: Category,
    events: readonly DomainEvent[],
    length: number,
  ): Promise<void> {
    const expected = length === 0 ? 'no-stream' : length - 1;
    await this.#world.writer(service).append(streamName(category, this.id), expected, events, {
      actor: serviceActor(service),
      correlationId: this.id,
      traceparent: this.#traceparent,
    });
  }
}

const evaluationOf = ({ obligations, evaluation }: StoryOptions, policySetDigest: string): Evaluation => ({
  kind: 'permit',
  policySetDigest,
  directoryDigest: 'directory',
  detail: 'One data owner must approve.',
  policies: [
    { id: 'export-needs-data-owner', description: "An export leaves only with a data owner's approval" },
  ],
  errors: [],
  catalogue: { environment: 'prod' },
  claims: ['context.rows'],
  ...evaluation,
  obligations: { ...OBLIGATIONS, ...obligations },
});

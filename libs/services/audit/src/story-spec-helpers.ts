import { bindAction, parseActionBody, type ActionRequested } from '@countersign/domain-action';
import { indexDirectory, ownerOf, requesterByRef, groupsOf } from '@countersign/domain-directory';
import {
  claimGrant,
  expireGrant,
  foldGrant,
  grantEvents,
  grantTerms,
  markUnreported,
  redeemGrant,
  reportExecution,
  revokeGrant,
  type Grant,
  type GrantEvent,
  type GrantTerms,
  type RedemptionRefused,
} from '@countersign/domain-grant';
import {
  cancelReview,
  escalateReview,
  evaluateRequest,
  expireReview,
  foldReview,
  recordDecision,
  reviewEvents,
  type DecisionRefused,
  type Evaluation,
  type GroupObligation,
  type Review,
  type ReviewEvent,
} from '@countersign/domain-review';
import { streamName, type Actor, type Category } from '@countersign/event-store';
import {
  CodedError,
  formatEntity,
  type DomainEvent,
  type EntityRef,
  type Json,
  type Outcome,
  type ServiceName,
} from '@countersign/kernel';
import { catalogueAttributes, type PolicySet } from '@countersign/policy-engine';
import type { World } from '@countersign/service-testing';

export const EXPORT = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'Quarterly report', rows: 500 },
};
const CAROL = { type: 'User', id: 'carol' } as const;
const ONE_DATA_OWNER = [{ group: 'data-owners', quorum: 1 }];

const WRITERS: Partial<Record<Category, ServiceName>> = {
  request: 'intake',
  grant: 'credentials',
  grantattempt: 'credentials',
  delivery: 'notification',
};

export interface StoryOptions {
  readonly by?: EntityRef;
  readonly initiator?: string;
  readonly body?: Json;
}

/**
 * One request and what becomes of it, by the real deciders over the sample organisation; what they refuse
 * changes nothing. Every step moves the clock by a second.
 */
export class Story {
  readonly id: string;
  readonly #world: World;
  readonly #request: ActionRequested['data'];
  readonly #set: PolicySet;

  private constructor(world: World, set: PolicySet, request: ActionRequested['data']) {
    this.#world = world;
    this.#set = set;
    this.#request = request;
    this.id = request.requestId;
  }

  static async begin(world: World, nth: number, options: StoryOptions = {}): Promise<Story> {
    const { by = { type: 'Agent', id: 'etl-bot' }, initiator, body = EXPORT } = options;
    const active = await world.policySets.read();
    if (active === undefined) throw new Error('No policy set is active.');
    const subject = { ...by, properties: initiator === undefined ? {} : { initiator } };
    const { action, digest } = bindAction(subject, parseActionBody(body));
    const requestId = `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;
    const data = { ...action, requestId, digest, requestedAt: world.clock.now() };
    const story = new Story(world, active.set, data);
    await story.append('request', [{ type: 'ActionRequested', data }], by);
    return story;
  }

  get digest(): string {
    return this.#request.digest;
  }

  evaluate(groups: readonly GroupObligation[] = ONE_DATA_OWNER, expiresInMs = 900_000): Promise<string> {
    const obligations = {
      groups,
      expiresInMs,
      grantTtlMs: 300_000,
      channels: ['log'],
      controls: [],
      enforcement: 'advisory',
    } as const;
    return this.#evaluate({ ...this.#facts('export-needs-data-owner'), kind: 'permit', obligations });
  }

  forbid(): Promise<string> {
    const facts = this.#facts('never-delete-prod');
    return this.#evaluate({ ...facts, kind: 'deny', reason: 'forbidden' });
  }

  decide(person: string, decision: 'approve' | 'deny' = 'approve'): Promise<string> {
    const index = indexDirectory(this.#set.directory);
    const via = { channel: 'api', issuer: 'urn:countersign:development', sub: `User::"${person}"` } as const;
    return this.#onReview({ type: 'User', id: person }, (review, now) =>
      recordDecision(
        {
          request: this.#request,
          approver: { kind: 'User', id: person, verified: true, groups: groupsOf(index, person) },
          ownerNow: ownerOf(index, this.#request.subject),
          decision,
          reason: `I ${decision} this`,
          digest: this.digest,
          directoryDigest: this.#set.directoryDigest,
          via,
          now,
        },
        review,
      ),
    );
  }

  escalate(): Promise<string> {
    return this.#onReview(undefined, (review, now) =>
      escalateReview({ request: this.#request, now }, review),
    );
  }

  expire(cause: 'timeout' | 'undeliverable' = 'timeout'): Promise<string> {
    return this.#onReview(undefined, (review, now) => expireReview({ cause, now }, review));
  }

  cancel(): Promise<string> {
    const requester = this.#request.subject;
    const ownerNow = requesterByRef(indexDirectory(this.#set.directory), requester)?.owner;
    return this.#onReview(requester, (review, now) =>
      cancelReview({ by: requester, groups: [], requester, ownerNow, now }, review),
    );
  }

  claim(): Promise<string> {
    const by = this.#request.subject;
    return this.#onGrant(by, (terms, grant, now) => claimGrant({ by, terms, jti: 'jti-1', now }, grant));
  }

  redeem(by: EntityRef = this.#request.subject): Promise<string> {
    const evaluated = {
      policySetDigest: this.#set.digest,
      directoryDigest: this.#set.directoryDigest,
    };
    const command = { by, digest: this.digest, jti: 'jti-1', ...evaluated };
    return this.#onGrant(by, (_terms, grant, now) => redeemGrant({ ...command, now }, grant));
  }

  report(status: 'succeeded' | 'failed' = 'succeeded'): Promise<string> {
    const by = this.#request.subject;
    return this.#onGrant(by, (_terms, grant, now) =>
      reportExecution({ by, outcome: { status, exitCode: status === 'failed' ? 1 : 0 }, now }, grant),
    );
  }

  revoke(): Promise<string> {
    return this.#onGrant(CAROL, (terms, grant, now) =>
      revokeGrant({ terms, cause: 'revoked', by: CAROL, reason: 'Not today', now }, grant),
    );
  }

  expireGrant(): Promise<string> {
    return this.#onGrant(undefined, (terms, grant, now) => expireGrant({ terms, now }, grant));
  }

  leaveUnreported(): Promise<string> {
    return this.#onGrant(undefined, (_terms, grant, now) => markUnreported({ now }, grant));
  }

  async refuseDecision(by: EntityRef): Promise<void> {
    const refused: DecisionRefused = {
      type: 'DecisionRefused',
      data: {
        requestId: this.id,
        by: { type: by.type, id: by.id },
        decision: 'approve',
        refusal: 'not_in_group',
        via: { channel: 'api' },
        refusedAt: this.#world.clock.now(),
      },
    };
    await this.append('reviewattempt', [refused], by);
  }

  async refuseRedemption(by: EntityRef): Promise<void> {
    const refused: RedemptionRefused = {
      type: 'RedemptionRefused',
      data: {
        grantId: this.id,
        by: { type: by.type, id: by.id },
        refusal: 'wrong_executor',
        refusedAt: this.#world.clock.now(),
      },
    };
    await this.append('grantattempt', [refused], by);
  }

  /** At the stream's head, signed by its writer. */
  async append(category: Category, events: readonly DomainEvent[], by?: EntityRef): Promise<void> {
    const service = WRITERS[category] ?? 'policy';
    const stream = streamName(category, this.id);
    const actor: Actor =
      by === undefined
        ? { type: 'Service', id: `countersign/${service}`, via: { channel: 'service' } }
        : { type: by.type, id: by.id, via: { channel: 'api', issuer: 'urn:test', sub: formatEntity(by) } };
    const head = (await this.#world.events(stream)).at(-1)?.revision ?? 'no-stream';
    await this.#world.writer(service).append(stream, head, events, { actor, correlationId: this.id });
    this.#world.clock.advance(1_000);
  }

  #facts(policy: string) {
    return {
      policySetDigest: this.#set.digest,
      directoryDigest: this.#set.directoryDigest,
      detail: `${policy} says so.`,
      policies: [{ id: policy, description: `About ${policy}` }],
      errors: [],
      catalogue: catalogueAttributes(this.#set.catalogue, this.#request.resource),
      claims: ['context.rows'],
    };
  }

  #evaluate(evaluation: Evaluation): Promise<string> {
    return this.#onReview(undefined, (review, now) =>
      evaluateRequest({ request: this.#request, evaluation, directory: this.#set.directory, now }, review),
    );
  }

  async #onReview(
    by: EntityRef | undefined,
    decide: (review: Review, now: string) => Outcome<ReviewEvent, string>,
  ): Promise<string> {
    const review = foldReview(reviewEvents(await this.#world.events(streamName('review', this.id))));
    return this.#settle('review', by, () => decide(review, this.#world.clock.now()));
  }

  async #onGrant(
    by: EntityRef | undefined,
    decide: (terms: GrantTerms, grant: Grant, now: string) => Outcome<GrantEvent, string>,
  ): Promise<string> {
    const review = foldReview(reviewEvents(await this.#world.events(streamName('review', this.id))));
    if (review.status !== 'approved') return 'not_approved';
    const grant = foldGrant(grantEvents(await this.#world.events(streamName('grant', this.id))));
    const terms = grantTerms(this.#request, review.approval);
    return this.#settle('grant', by, () => decide(terms, grant, this.#world.clock.now()));
  }

  async #settle(
    category: 'review' | 'grant',
    by: EntityRef | undefined,
    decide: () => Outcome<DomainEvent, string>,
  ): Promise<string> {
    try {
      const outcome = decide();
      if (outcome.kind === 'decided') await this.append(category, outcome.events, by);
      return outcome.kind === 'refused' ? outcome.refusal : outcome.kind;
    } catch (error) {
      // A token that was never issued, say: the deciders raise it, and nothing happens.
      if (error instanceof CodedError) return String(error.code);
      throw error;
    }
  }
}

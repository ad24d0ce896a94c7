import { bindAction, type ActionRequested, type Subject } from '@countersign/domain-action';
import type { Directory, Owner } from '@countersign/domain-directory';
import { plusMs, type Outcome, type Timestamp } from '@countersign/kernel';
import { decide, type ReviewCommand, type ReviewRefusal } from './decide.ts';
import type { Evaluation, GroupObligation, Obligations } from './evaluation.ts';
import type { RecordDecision } from './record-decision.ts';
import { groupsIn, requesterIn } from './eligible.ts';
import type { ReviewEvent } from './review-events.ts';
import { foldReview, type Review } from './review.ts';

export const REQUESTED_AT = '2026-11-20T10:00:00.000Z';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Milliseconds after the request. */
export const at = (ms: number): Timestamp => plusMs(REQUESTED_AT, ms);
export const BOT: Subject = { type: 'Agent', id: 'etl-bot', properties: {} };

interface Cast {
  readonly groups: Directory['groups'];
  readonly owner: Owner;
  readonly suspended?: readonly string[];
}

/** A directory in which every member of a group is a person, and the bot has this owner. */
export const directoryOf = ({ groups, owner, suspended = [] }: Cast): Directory => {
  const ids = new Set([...Object.values(groups).flat(), ...(owner.type === 'User' ? [owner.id] : [])]);
  return {
    persons: [...ids].map((id) => ({
      id,
      name: id,
      verified: !suspended.includes(id),
      identities: [],
      channels: [],
    })),
    groups,
    requesters: [
      { type: 'Agent', id: 'etl-bot', owner, identities: [] },
      { type: 'Service', id: 'gateway', owner: { type: 'User', id: 'root' }, identities: [] },
    ],
    roles: {},
  };
};

export const ACME = directoryOf({
  groups: { 'data-owners': ['alice', 'bob'], platform: ['bob', 'carol'], security: ['erin'] },
  owner: { type: 'User', id: 'carol' },
});

interface Asked {
  readonly initiator?: string;
  readonly executor?: { readonly type: string; readonly id: string };
}

export const requestOf = ({ initiator, executor }: Asked = {}): ActionRequested['data'] => {
  const subject = initiator === undefined ? BOT : { ...BOT, properties: { initiator } };
  const { action, digest } = bindAction(subject, {
    action: { name: 'data.export', properties: {} },
    resource: { type: 'Dataset', id: 'customers', properties: {} },
    context: { justification: 'Quarterly report', ...(executor && { executor }) },
  });
  return { ...action, requestId: 'r-1', digest, requestedAt: REQUESTED_AT };
};

const FACTS = {
  policySetDigest: 'set-1',
  directoryDigest: 'directory-1',
  detail: 'as the policy says',
  policies: [{ id: 'export-needs-data-owner', description: 'Exports need an owner of the data' }],
  errors: [],
  catalogue: {},
  claims: [],
};

export const permit = (groups: readonly GroupObligation[], more: Partial<Obligations> = {}): Evaluation => ({
  ...FACTS,
  kind: 'permit',
  obligations: {
    groups,
    expiresInMs: HOUR,
    grantTtlMs: 5 * MINUTE,
    channels: ['log'],
    controls: [],
    enforcement: 'advisory',
    ...more,
  },
});

export const deny = (reason: Extract<Evaluation, { kind: 'deny' }>['reason']): Evaluation => ({
  ...FACTS,
  kind: 'deny',
  reason,
});

/** `a:2` → two of group a. */
export const groupsOf = (...texts: readonly string[]): readonly GroupObligation[] =>
  texts.map((text) => {
    const [group = '', quorum = '1'] = text.split(':');
    return { group, quorum: Number(quorum) };
  });

/** What an outcome comes to, in a word or two: the types of its events, `unchanged`, or the refusal. */
export const gist = (outcome: Outcome<ReviewEvent, ReviewRefusal>): string => {
  if (outcome.kind === 'decided') return outcome.events.map(({ type }) => type).join(' ');
  return outcome.kind === 'refused' ? `refused ${outcome.refusal}` : 'unchanged';
};

/** One review as its owner service would run it: decide, append, decide again. */
export class ReviewStage {
  readonly events: ReviewEvent[] = [];
  readonly directory: Directory;
  readonly request: ActionRequested['data'];

  constructor(directory: Directory, request: ActionRequested['data'] = requestOf()) {
    this.directory = directory;
    this.request = request;
  }

  get review(): Review {
    return foldReview(this.events);
  }

  do(command: ReviewCommand): string {
    const outcome = decide(command, this.review);
    if (outcome.kind === 'decided') this.events.push(...outcome.events);
    return gist(outcome);
  }

  evaluate(evaluation: Evaluation, now = REQUESTED_AT): string {
    const { request, directory } = this;
    return this.do({ type: 'EvaluateRequest', request, evaluation, directory, now });
  }

  says(person: string, decision: 'approve' | 'deny', change: Partial<RecordDecision> = {}): string {
    return this.do({ type: 'RecordDecision', ...this.command(person, decision), ...change });
  }

  command(person: string, decision: 'approve' | 'deny'): RecordDecision {
    return {
      request: this.request,
      approver: {
        kind: 'User',
        id: person,
        verified: this.directory.persons.some(({ id, verified }) => id === person && verified),
        groups: groupsIn(this.directory, person),
      },
      ownerNow: requesterIn(this.directory, this.request.subject)?.owner,
      decision,
      reason: `${decision} it`,
      digest: this.request.digest,
      directoryDigest: 'directory-1',
      via: { channel: 'api' },
      now: at(MINUTE),
    };
  }
}

export const opened = (evaluation: Evaluation, directory = ACME, request = requestOf()): ReviewStage => {
  const stage = new ReviewStage(directory, request);
  stage.evaluate(evaluation);
  return stage;
};

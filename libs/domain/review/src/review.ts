import {
  impossibleEvent,
  knownEvents,
  unknownEventType,
  type DomainEvent,
  type Timestamp,
} from '@countersign/kernel';
import type {
  DecisionRecorded,
  PolicyEvaluated,
  ReviewApproved,
  ReviewCancelled,
  ReviewDenied,
  ReviewEvent,
  ReviewExpired,
  ReviewOpened,
} from './review-events.ts';

type Data<Event extends DomainEvent> = Event['data'];

/** What was frozen at the opening, and what persons have said since. */
export interface ReviewRecord {
  readonly opened: Data<ReviewOpened>;
  /** In the order in which they were recorded. */
  readonly decisions: readonly Data<DecisionRecorded>[];
  /** The latest escalation; a requirement is escalated where its `after` isn't later. */
  readonly escalatedAt?: Timestamp;
}

interface Concluded {
  readonly evaluation: Data<PolicyEvaluated>;
  /** Absent where policy alone concluded. */
  readonly record?: ReviewRecord;
}

export type UnevaluatedReview = { readonly status: 'unevaluated' };
/** Only within one append: a conclusion or the opening always follows in it. */
export type EvaluatedReview = { readonly status: 'evaluated'; readonly evaluation: Data<PolicyEvaluated> };
export type OpenReview = {
  readonly status: 'open';
  readonly evaluation: Data<PolicyEvaluated>;
  readonly record: ReviewRecord;
};
export type ApprovedReview = Concluded & {
  readonly status: 'approved';
  readonly approval: Data<ReviewApproved>;
};
export type DeniedReview = Concluded & { readonly status: 'denied'; readonly denial: Data<ReviewDenied> };
export type ExpiredReview = Concluded & { readonly status: 'expired'; readonly expiry: Data<ReviewExpired> };
export type CancelledReview = Concluded & {
  readonly status: 'cancelled';
  readonly cancellation: Data<ReviewCancelled>;
};

export type Review =
  | UnevaluatedReview
  | EvaluatedReview
  | OpenReview
  | ApprovedReview
  | DeniedReview
  | ExpiredReview
  | CancelledReview;

export const UNEVALUATED: Review = { status: 'unevaluated' };

const openOr = (review: Review, event: ReviewEvent): OpenReview => {
  if (review.status !== 'open') throw impossibleEvent(event.type, review.status);
  return review;
};

const undecidedOr = (review: Review, event: ReviewEvent): Concluded => {
  if (review.status === 'open') return { evaluation: review.evaluation, record: review.record };
  if (review.status === 'evaluated') return { evaluation: review.evaluation };
  throw impossibleEvent(event.type, review.status);
};

const onEvaluated = (review: Review, event: PolicyEvaluated): Review => {
  if (review.status !== 'unevaluated') throw impossibleEvent(event.type, review.status);
  return { status: 'evaluated', evaluation: event.data };
};

const onOpened = (review: Review, event: ReviewOpened): Review => {
  if (review.status !== 'evaluated') throw impossibleEvent(event.type, review.status);
  return { status: 'open', evaluation: review.evaluation, record: { opened: event.data, decisions: [] } };
};

const withRecord = (review: OpenReview, change: Partial<ReviewRecord>): OpenReview => ({
  ...review,
  record: { ...review.record, ...change },
});

/** Throws `unknown_event_type`, and `impossible_event` where a rule of the stream is broken: never skips. */
export const evolve = (review: Review, event: ReviewEvent): Review => {
  switch (event.type) {
    case 'PolicyEvaluated':
      return onEvaluated(review, event);
    case 'ReviewOpened':
      return onOpened(review, event);
    case 'DecisionRecorded': {
      const open = openOr(review, event);
      return withRecord(open, { decisions: [...open.record.decisions, event.data] });
    }
    case 'ReviewEscalated':
      return withRecord(openOr(review, event), { escalatedAt: event.data.escalatedAt });
    case 'ReviewApproved':
      return { ...undecidedOr(review, event), status: 'approved', approval: event.data };
    case 'ReviewDenied':
      return { ...undecidedOr(review, event), status: 'denied', denial: event.data };
    case 'ReviewExpired':
      return { ...openOr(review, event), status: 'expired', expiry: event.data };
    case 'ReviewCancelled':
      return { ...openOr(review, event), status: 'cancelled', cancellation: event.data };
    default: {
      const unknown: DomainEvent = event satisfies never;
      throw unknownEventType(unknown.type);
    }
  }
};

export const foldReview = (events: readonly ReviewEvent[]): Review => events.reduce(evolve, UNEVALUATED);

/** Read from a `review-<id>` stream; `unknown_event_type` for any other. */
export const reviewEvents = (
  recorded: readonly { readonly type: string; readonly data: object }[],
): readonly ReviewEvent[] =>
  knownEvents<ReviewEvent>(
    {
      PolicyEvaluated: true,
      ReviewOpened: true,
      DecisionRecorded: true,
      ReviewEscalated: true,
      ReviewApproved: true,
      ReviewDenied: true,
      ReviewExpired: true,
      ReviewCancelled: true,
    },
    recorded,
  );

/** The frozen part and the decisions, in whatever state that has them. */
export const recordOf = (review: Review): ReviewRecord | undefined =>
  review.status === 'unevaluated' || review.status === 'evaluated' ? undefined : review.record;

/** Replicas' clocks differ a little: what is decided never precedes what the record already holds. */
export const notBefore = (now: Timestamp, { opened, decisions, escalatedAt }: ReviewRecord): Timestamp =>
  [now, opened.openedAt, escalatedAt ?? now, decisions.at(-1)?.decidedAt ?? now].reduce((a, b) =>
    a > b ? a : b,
  );

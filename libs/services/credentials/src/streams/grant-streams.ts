import {
  evolveGrant,
  foldGrant,
  grantEvents,
  grantTerms,
  type Grant,
  type GrantEvent,
  type GrantTerms,
} from '@countersign/domain-grant';
import { foldReview, reviewEvents, verifyApproval, type ApprovedReview } from '@countersign/domain-review';
import type { Thread } from '@countersign/domain-thread';
import { streamName, type Actor, type ExpectedRevision, type RecordedEvent } from '@countersign/event-store';
import { CodedError, hasCode, MAX_SKEW_MS, plusMs, toEpochMs } from '@countersign/kernel';
import { isUntrustedRecord, raiseAlarm, requestFrom, type ServiceContext } from '@countersign/service-host';
import { countGrantEvents } from './count-grant-events.ts';

/** A grant as its own stream has it, verified. */
export interface LoadedGrant {
  readonly grantId: string;
  readonly grant: Grant;
  readonly expectedRevision: ExpectedRevision;
  /** Of the request's one trace. */
  readonly traceparent: string | undefined;
}

/** A grant with all that it rests on, verified. */
export interface ProvenGrant extends LoadedGrant {
  readonly thread: Thread;
  /** What the approval gives, its quorum derived again; undefined where the review isn't approved. */
  readonly terms: GrantTerms | undefined;
}

type Approval = ApprovedReview['approval'];

interface Recorded {
  readonly request: readonly RecordedEvent[];
  readonly review: readonly RecordedEvent[];
  readonly grant: readonly RecordedEvent[];
}

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'writer' | 'telemetry' | 'log'>;

/**
 * Reads what authority is taken from, and appends to `grant-`. Nothing is believed that isn't signed by its
 * writer: otherwise `approval_not_proven`, after the alarm was raised.
 */
export class GrantStreams {
  readonly #context: Dependencies;

  constructor(context: Dependencies) {
    this.#context = context;
  }

  /** By the grant's own stream alone: what it was opened with was proven when it was opened. */
  async loadGrant(grantId: string): Promise<LoadedGrant> {
    const events = await this.#context.store.readStream(streamName('grant', grantId));
    return this.#alarmed(grantId, () => this.#grantFrom(grantId, events));
  }

  /** With request and review, and the approval proven; undefined where no such request exists. */
  async loadProven(requestId: string): Promise<ProvenGrant | undefined> {
    const recorded = await this.#read(requestId);
    return this.#alarmed(requestId, () => this.#proven(requestId, recorded));
  }

  /** In one append, at the revision that was loaded; `wrong_expected_revision` where somebody was faster. */
  async append(loaded: LoadedGrant, events: readonly GrantEvent[], actor: Actor): Promise<Grant> {
    const { writer, telemetry } = this.#context;
    const { grantId, expectedRevision, traceparent } = loaded;
    await writer.append(streamName('grant', grantId), expectedRevision, events, {
      actor,
      correlationId: grantId,
      traceparent: telemetry.traceparent() ?? traceparent,
    });
    countGrantEvents(telemetry.metrics, events);
    return events.reduce(evolveGrant, loaded.grant);
  }

  /** The effect first, so that no grant is met whose approval wasn't there yet when it was looked for. */
  async #read(requestId: string): Promise<Recorded> {
    const { store } = this.#context;
    const grant = await store.readStream(streamName('grant', requestId));
    const review = await store.readStream(streamName('review', requestId));
    const request = await store.readStream(streamName('request', requestId));
    return { request, review, grant };
  }

  #grantFrom(grantId: string, events: readonly RecordedEvent[]): LoadedGrant {
    this.#context.verifier.verify(streamName('grant', grantId), events);
    return {
      grantId,
      grant: foldGrant(grantEvents(events)),
      expectedRevision: events.at(-1)?.revision ?? 'no-stream',
      traceparent: events[0]?.metadata.traceparent,
    };
  }

  #proven(requestId: string, recorded: Recorded): ProvenGrant | undefined {
    const { verifier } = this.#context;
    verifier.verify(streamName('request', requestId), recorded.request);
    verifier.verify(streamName('review', requestId), recorded.review);
    const loaded = this.#grantFrom(requestId, recorded.grant);
    const asked = requestFrom(requestId, recorded.request);
    if (asked === undefined) return requireNoEffect(recorded);
    const { request, event } = asked;
    const { grant } = loaded;
    const ofReview = reviewEvents(recorded.review);
    const review = foldReview(ofReview);
    if (review.status !== 'approved' && grant.status !== 'unopened') throw withoutApproval();
    return {
      ...loaded,
      traceparent: event.metadata.traceparent,
      thread: { request, review, grant, version: 1 + ofReview.length + recorded.grant.length },
      terms:
        review.status === 'approved'
          ? grantTerms(request, inLogTime(verifyApproval(request, ofReview).approval, recorded.review))
          : undefined,
    };
  }

  #alarmed<Result>(requestId: string, read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (!isUntrustedRecord(error)) throw error;
      raiseAlarm(this.#context, requestId, error);
      throw hasCode(error, 'approval_not_proven') ? error : notProven(error);
    }
  }
}

/**
 * An approval by a policy service whose clock was ahead of the log's would give the grant a longer life than policy
 * allows: then it lives from the time of the commit. A review that was approved ends with its approval.
 */
const inLogTime = (approval: Approval, review: readonly RecordedEvent[]): Approval => {
  const committedAt = review.at(-1)?.committedAt ?? approval.approvedAt;
  if (approval.approvedAt <= plusMs(committedAt, MAX_SKEW_MS)) return approval;
  const ttlMs = toEpochMs(approval.grantExpiresAt) - toEpochMs(approval.approvedAt);
  return { ...approval, grantExpiresAt: plusMs(committedAt, ttlMs) };
};

const requireNoEffect = ({ review, grant }: Recorded): undefined => {
  if (review.length + grant.length > 0) throw withoutApproval();
};

const withoutApproval = (): CodedError =>
  new CodedError(
    'approval_not_proven',
    'The approval is not proven: nothing that it could rest on is there.',
  );

/** What exactly is wrong stands in the log; who asks is told that it is not to be relied on. */
const notProven = (cause: CodedError): CodedError =>
  new CodedError('approval_not_proven', "The approval is not proven: its record can't be trusted.", {
    cause,
  });

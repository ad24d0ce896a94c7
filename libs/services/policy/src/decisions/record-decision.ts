import type { DecisionView } from '@countersign/contracts';
import { ownerOf } from '@countersign/domain-directory';
import {
  expireReview,
  recordDecision,
  type DecisionRefusal,
  type DecisionRefused,
} from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { sameEntity, timestampNow, type Timestamp } from '@countersign/kernel';
import { inHand, notFound, type RefusedAttempts, type ServiceContext } from '@countersign/service-host';
import type { ExpiryCause } from '../due-work/expiry-cause.ts';
import type { EnsureEvaluated } from '../evaluation/ensure-evaluated.ts';
import type { ActivePolicies } from '../policies/active-policies.ts';
import { POLICY_SERVICE } from '../policies/service-actor.ts';
import type { LoadedReview, ReviewStreams } from '../streams/review-streams.ts';
import { approverOf, type Decider } from './decider.ts';
import { decisionView } from './decision-view.ts';
import { refusalError } from './refusal-error.ts';

export interface DecisionCommand {
  readonly requestId: string;
  readonly decision: 'approve' | 'deny';
  readonly reason: string;
  /** Of the action that the person saw. */
  readonly digest: string;
}

export interface RecordedDecision {
  /** False for the same decision again, answered as the first time. */
  readonly isNew: boolean;
  readonly view: DecisionView;
}

export interface RecordDecisionDependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly ensureEvaluated: EnsureEvaluated;
  readonly streams: ReviewStreams;
  readonly policies: ActivePolicies;
  readonly attempts: RefusedAttempts;
  readonly expiryCause: ExpiryCause;
}

type Attempt =
  | { readonly kind: 'stands'; readonly answer: RecordedDecision }
  | { readonly kind: 'refused'; readonly refusal: DecisionRefusal; readonly loaded: LoadedReview };

/** Who may decide is settled here and nowhere else, for every channel alike. */
export class RecordDecision {
  readonly #with: RecordDecisionDependencies;

  constructor(dependencies: RecordDecisionDependencies) {
    this.#with = dependencies;
  }

  /**
   * Throws the refusal, with the precise one in its `reason`, after it was recorded. `not_found` for an
   * unknown request, and for automata other than the requester, which may not learn that it exists. Every
   * person of the directory may, and is told precisely why their decision doesn't count.
   */
  async record(command: DecisionCommand, decider: Decider): Promise<RecordedDecision> {
    const { ensureEvaluated, telemetry } = this.#with;
    const first = await ensureEvaluated.ensure(command.requestId);
    if (first === undefined || !mayKnowOf(first, decider)) throw notFound();
    const attributes = { 'countersign.request.id': command.requestId };
    const { traceparent } = first.event.metadata;
    return telemetry.inThread('policy.record_decision', traceparent, { attributes }, async () => {
      const next = inHand(first, () => this.#reload(command.requestId));
      const attempt = await retryOnConflict(async () => this.#attempt(await next(), command, decider));
      if (attempt.kind === 'stands') return attempt.answer;
      await this.#refuse(attempt.refusal, attempt.loaded, command, decider);
      throw refusalError(attempt.refusal);
    });
  }

  async #reload(requestId: string): Promise<LoadedReview> {
    const loaded = await this.#with.ensureEvaluated.ensure(requestId);
    if (loaded === undefined) throw notFound();
    return loaded;
  }

  async #attempt(loaded: LoadedReview, command: DecisionCommand, decider: Decider): Promise<Attempt> {
    const { clock, policies, streams } = this.#with;
    const { directory, set } = await policies.current();
    const approver = approverOf(decider, directory);
    const outcome = recordDecision(
      {
        ...command,
        request: loaded.request,
        approver,
        ownerNow: ownerOf(directory, loaded.request.subject),
        directoryDigest: set.directoryDigest,
        via: decider.via,
        now: timestampNow(clock),
      },
      loaded.review,
    );
    if (outcome.kind === 'refused') return { kind: 'refused', refusal: outcome.refusal, loaded };
    const isNew = outcome.kind === 'decided';
    const { events } = isNew
      ? await streams.append(loaded, outcome.events, { actor: decider.actor })
      : loaded;
    return { kind: 'stands', answer: { isNew, view: decisionView(events, approver.id) } };
  }

  async #refuse(
    refusal: DecisionRefusal,
    loaded: LoadedReview,
    { requestId, decision }: DecisionCommand,
    { principal, via, actor }: Decider,
  ): Promise<void> {
    const { clock, attempts } = this.#with;
    const now = timestampNow(clock);
    const { type, id } = principal.ref;
    const data = { requestId, by: { type, id }, decision, refusal, via, refusedAt: now };
    await attempts.record({
      requestId,
      code: refusal,
      event: { type: 'DecisionRefused', data } satisfies DecisionRefused,
      actor,
      traceparent: loaded.event.metadata.traceparent,
    });
    if (refusal === 'too_late') await this.#expire(loaded, now);
  }

  /** The due work would do it within a second; whoever was told "too late" must find it expired. */
  async #expire(first: LoadedReview, now: Timestamp): Promise<void> {
    const next = inHand(first, () => this.#reload(first.request.requestId));
    await retryOnConflict(async () => {
      const loaded = await next();
      const cause = await this.#with.expiryCause.of(loaded);
      const outcome = expireReview({ cause, now }, loaded.review);
      if (outcome.kind !== 'decided') return;
      await this.#with.streams.append(loaded, outcome.events, { actor: POLICY_SERVICE });
    });
  }
}

const mayKnowOf = ({ request }: LoadedReview, { principal }: Decider): boolean =>
  principal.kind === 'person' || sameEntity(principal.ref, request.subject);

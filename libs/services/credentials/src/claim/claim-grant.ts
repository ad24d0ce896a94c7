import { randomUUID } from 'node:crypto';
import type { ClaimView } from '@countersign/contracts';
import type { Subject } from '@countersign/domain-action';
import type { Principal } from '@countersign/domain-directory';
import { claimGrant, type ClaimRefusal, type Grant } from '@countersign/domain-grant';
import { statusOf } from '@countersign/domain-thread';
import { retryOnConflict } from '@countersign/event-store';
import { CodedError, sameEntity, timestampNow } from '@countersign/kernel';
import { actorOf, inHand, type Caller, type ServiceContext } from '@countersign/service-host';
import type { EndGrant } from '../due-work/end-grant.ts';
import { grantError } from '../grant-error.ts';
import type { GrantStreams, ProvenGrant } from '../streams/grant-streams.ts';
import type { ReadableGrants } from '../streams/readable-grants.ts';
import { requireProven } from '../streams/require-proven.ts';
import type { ActionTokens } from '../tokens/action-tokens.ts';

export interface ClaimedGrant {
  /** False for a repeat: the claims of the first time, signed again. */
  readonly isNew: boolean;
  readonly view: ClaimView;
}

interface Dependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly streams: GrantStreams;
  readonly readable: ReadableGrants;
  readonly tokens: ActionTokens;
  readonly endGrant: EndGrant;
}

type Attempt =
  | { readonly kind: 'open'; readonly isNew: boolean; readonly grant: Extract<Grant, { status: 'open' }> }
  | { readonly kind: 'refused'; readonly refusal: ClaimRefusal; readonly grant: Grant };

/** Opens the grant of an approved request for its requester, and hands out its one token. */
export class ClaimGrant {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /**
   * Opening and issuing are one append; after a crash or a lost answer the same claim is answered by what
   * stands. `not_approved` before the approval, `approval_not_proven` where its record can't be trusted,
   * `grant_revoked`, `already_redeemed` or `grant_expired` after the end.
   */
  async claim(requestId: string, caller: Caller): Promise<ClaimedGrant> {
    const { readable, streams, telemetry, tokens } = this.#with;
    const { proven } = await readable.load(requestId, caller);
    if (!isSubject(caller.principal, proven.thread.request.subject)) throw notTheRequester();
    const attributes = { 'countersign.request.id': requestId };
    return telemetry.inThread('credentials.claim_grant', proven.traceparent, { attributes }, async () => {
      const next = inHand(proven, async () => requireProven(await streams.loadProven(requestId)));
      const attempt = await retryOnConflict(async () => this.#attempt(await next(), caller));
      if (attempt.kind === 'refused') throw await this.#refuse(requestId, attempt);
      const { isNew, grant } = attempt;
      const { grantId, expiresAt } = grant.opened;
      return { isNew, view: { grantId, token: await tokens.sign(grant), expiresAt } };
    });
  }

  async #attempt(proven: ProvenGrant, caller: Caller): Promise<Attempt> {
    const { clock, streams } = this.#with;
    if (proven.terms === undefined) throw notApproved(proven);
    const outcome = claimGrant(
      { by: caller.principal.ref, terms: proven.terms, jti: randomUUID(), now: timestampNow(clock) },
      proven.grant,
    );
    if (outcome.kind === 'refused') {
      return { kind: 'refused', refusal: outcome.refusal, grant: proven.grant };
    }
    const isNew = outcome.kind === 'decided';
    const grant = isNew ? await streams.append(proven, outcome.events, actorOf(caller)) : proven.grant;
    return { kind: 'open', isNew, grant: requireOpen(grant) };
  }

  async #refuse(
    requestId: string,
    { refusal, grant }: Extract<Attempt, { kind: 'refused' }>,
  ): Promise<Error> {
    if (refusal === 'not_requester') return notTheRequester();
    if (refusal === 'grant_expired') await this.#with.endGrant.afterTooLate(requestId, grant);
    return grantError(refusal, grant);
  }
}

/** What a claim that wasn't refused has come to. */
const requireOpen = (grant: Grant): Extract<Grant, { status: 'open' }> => {
  if (grant.status === 'open') return grant;
  throw new CodedError('impossible_event', `A claim can't leave a grant ${grant.status}.`);
};

/** The same principal, acting for the same person: both stand in what was reviewed. */
const isSubject = (principal: Principal, subject: Subject): boolean =>
  principal.kind === 'requester' &&
  sameEntity(principal.ref, subject) &&
  principal.initiator === subject.properties.initiator;

const notTheRequester = (): CodedError =>
  new CodedError('forbidden', 'Only the requester, for the same initiator, claims the grant of its request.');

const notApproved = ({ thread }: ProvenGrant): CodedError =>
  new CodedError('not_approved', 'The request is not approved, so there is no grant to claim.', {
    members: { reason: statusOf(thread) },
  });

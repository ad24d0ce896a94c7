import type { RevocationView } from '@countersign/contracts';
import { revokeGrant, type Grant, type RevocationCause } from '@countersign/domain-grant';
import { mayWithdraw, statusOf } from '@countersign/domain-thread';
import { retryOnConflict } from '@countersign/event-store';
import { CodedError, timestampNow } from '@countersign/kernel';
import { actorOf, inHand, type Caller, type ServiceContext } from '@countersign/service-host';
import { grantError } from '../grant-error.ts';
import type { GrantStreams, ProvenGrant } from '../streams/grant-streams.ts';
import type { ReadableGrant, ReadableGrants } from '../streams/readable-grants.ts';
import { requireProven } from '../streams/require-proven.ts';
import { mayRevoke } from './may-revoke.ts';

export interface Revocation {
  readonly requestId: string;
  /** `revoked` by owner or approver, `cancelled` by owner or requester. */
  readonly cause: Exclude<RevocationCause, 'authorization_lapsed'>;
  readonly reason: string;
}

interface Dependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly streams: GrantStreams;
  readonly readable: ReadableGrants;
}

/** Takes an approval back, claimed or not, as long as it isn't spent. */
export class RevokeGrant {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /**
   * Revoked already, for whatever cause, is answered as then. `not_approved` where there is nothing to take
   * back yet, `already_redeemed` and `grant_expired` where it is too late.
   */
  async revoke(revocation: Revocation, caller: Caller): Promise<RevocationView> {
    const { readable, streams, telemetry } = this.#with;
    const { requestId } = revocation;
    const found = await readable.load(requestId, caller);
    this.#requireRight(revocation, found, caller);
    const { proven } = found;
    const attributes = { 'countersign.request.id': requestId };
    return telemetry.inThread('credentials.revoke_grant', proven.traceparent, { attributes }, () => {
      const next = inHand(proven, async () => requireProven(await streams.loadProven(requestId)));
      return retryOnConflict(async () => this.#attempt(await next(), revocation, caller));
    });
  }

  #requireRight({ cause }: Revocation, { proven, directory }: ReadableGrant, { principal }: Caller): void {
    const { thread } = proven;
    const now = timestampNow(this.#with.clock);
    const isAllowed =
      cause === 'cancelled'
        ? mayWithdraw(principal, directory, thread)
        : mayRevoke(principal, directory, { thread, now });
    if (!isAllowed) throw forbidden(cause);
  }

  async #attempt(
    proven: ProvenGrant,
    { cause, reason }: Revocation,
    caller: Caller,
  ): Promise<RevocationView> {
    const { clock, streams } = this.#with;
    const { terms, thread, grant } = proven;
    if (terms === undefined) {
      throw new CodedError('not_approved', 'The request is not approved; deny or cancel it instead.', {
        members: { reason: statusOf(thread) },
      });
    }
    const by = caller.principal.ref;
    const outcome = revokeGrant({ terms, cause, by, reason, now: timestampNow(clock) }, grant);
    if (outcome.kind === 'refused') throw grantError(outcome.refusal, grant);
    if (outcome.kind === 'unchanged') return revocationView(grant);
    return revocationView(await streams.append(proven, outcome.events, actorOf(caller)));
  }
}

const forbidden = (cause: Revocation['cause']): CodedError =>
  new CodedError(
    'forbidden',
    cause === 'cancelled'
      ? 'Only the requester and its owner may cancel a request.'
      : 'Only the owner and those who may decide a request may revoke its grant.',
  );

const revocationView = (grant: Grant): RevocationView => {
  if (grant.status !== 'revoked') {
    throw new CodedError('impossible_event', `A revocation can't leave a grant ${grant.status}.`);
  }
  return { grantId: grant.opened.grantId, revokedAt: grant.revocation.revokedAt };
};

import type { RedemptionView } from '@countersign/contracts';
import {
  redeemGrant,
  revokeGrant,
  type RedemptionRefusal,
  type RedemptionRefused,
} from '@countersign/domain-grant';
import { retryOnConflict } from '@countersign/event-store';
import { CodedError, hasCode, MAX_SKEW_MS, timestampNow, type Clock } from '@countersign/kernel';
import {
  actorOf,
  inHand,
  raiseAlarm,
  serviceActor,
  type Caller,
  type RefusedAttempts,
  type ServiceContext,
} from '@countersign/service-host';
import { actingAs } from '../acting-as.ts';
import type { EndGrant } from '../due-work/end-grant.ts';
import { grantError } from '../grant-error.ts';
import type { GrantStreams, LoadedGrant } from '../streams/grant-streams.ts';
import type { ActionTokenClaims, ActionTokens } from '../tokens/action-tokens.ts';
import type { AskPolicy, Authorization } from './ask-policy.ts';
import type { Redemption } from './parse-redemption.ts';
import { redemptionView } from './redemption-view.ts';

interface Dependencies extends Pick<ServiceContext, 'clock' | 'telemetry' | 'log'> {
  readonly streams: GrantStreams;
  readonly tokens: Pick<ActionTokens, 'verify'>;
  readonly policy: Pick<AskPolicy, 'ask'>;
  readonly attempts: RefusedAttempts;
  readonly endGrant: EndGrant;
}

interface Command extends Redemption {
  readonly caller: Caller;
  readonly claims: ActionTokenClaims;
}

type Attempt =
  | { readonly kind: 'redeemed'; readonly view: RedemptionView }
  | { readonly kind: 'refused'; readonly refusal: RedemptionRefusal; readonly loaded: LoadedGrant };

type Asked = ReturnType<typeof redeemGrant>;
type Authorized = Extract<Authorization, { authorized: true }>;

/** To learn what would be refused anyway, before policy is asked: such an outcome is never appended. */
const NOT_ASKED: Authorized = { authorized: true, policySetDigest: '', directoryDigest: '' };

/** Spends a grant, at most once, whatever races, retries and crashes. */
export class RedeemGrant {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /**
   * In this order: `token_invalid`, `wrong_executor`, `digest_mismatch`, `grant_revoked`,
   * `already_redeemed`, `grant_expired`; then `clock_skewed`, then policy is asked again, then the one
   * conditional append. The same `redemptionId` again, also after a crash or a lost answer, is the same
   * answer. `policy_unreachable` and the store's own errors redeem nothing that isn't in the stream.
   */
  async redeem(redemption: Redemption, caller: Caller): Promise<RedemptionView> {
    const claims = await this.#verified(redemption.token);
    const { streams, telemetry } = this.#with;
    const first = await streams.loadGrant(claims.grantId);
    const attributes = { 'countersign.request.id': claims.grantId };
    return telemetry.inThread('credentials.redeem_grant', first.traceparent, { attributes }, async () => {
      const next = inHand(first, () => streams.loadGrant(claims.grantId));
      const command = { ...redemption, caller, claims };
      const attempt = await retryOnConflict(async () => this.#attempt(await next(), command));
      if (attempt.kind === 'redeemed') return attempt.view;
      await this.#record(attempt, caller);
      throw grantError(attempt.refusal, attempt.loaded.grant);
    });
  }

  /** A token that doesn't verify is counted, and appends nothing: it names no grant that could be believed. */
  async #verified(token: string): Promise<ActionTokenClaims> {
    try {
      return await this.#with.tokens.verify(token);
    } catch (error) {
      this.#with.telemetry.metrics.refusedAttempts.add(1, { kind: 'redemption', code: 'token_invalid' });
      throw error;
    }
  }

  async #attempt(loaded: LoadedGrant, command: Command): Promise<Attempt> {
    const before = this.#ask(loaded, command, NOT_ASKED);
    if (before.kind !== 'decided') return settled(before, loaded);
    requireTime(this.#with.clock);
    const authorization = await this.#authorization(loaded);
    if (!authorization.authorized) return this.#lapse(loaded, authorization.detail);
    const outcome = this.#ask(loaded, command, authorization);
    if (outcome.kind !== 'decided') return settled(outcome, loaded);
    const grant = await this.#with.streams.append(loaded, outcome.events, actorOf(command.caller));
    return { kind: 'redeemed', view: redemptionView(grant) };
  }

  #ask({ grantId, grant }: LoadedGrant, command: Command, authorized: Authorized): Asked {
    const { caller, claims, digest, redemptionId } = command;
    const { policySetDigest, directoryDigest } = authorized;
    const now = timestampNow(this.#with.clock);
    const { jti } = claims;
    try {
      return redeemGrant(
        { ...actingAs(caller), digest, jti, redemptionId, policySetDigest, directoryDigest, now },
        grant,
      );
    } catch (error) {
      if (!hasCode(error, 'token_not_issued')) throw error;
      raiseAlarm(this.#with, grantId, error);
      throw new CodedError('token_invalid', error.message, { field: 'token', cause: error });
    }
  }

  async #authorization({ grantId }: LoadedGrant): Promise<Authorization> {
    try {
      return await this.#with.policy.ask(grantId);
    } catch (error) {
      if (hasCode(error, 'approval_not_proven')) raiseAlarm(this.#with, grantId, error);
      throw error;
    }
  }

  /** What was approved is no longer permitted: the grant ends, for everybody and for ever. */
  async #lapse(loaded: LoadedGrant, reason: string): Promise<Attempt> {
    const { clock, streams } = this.#with;
    if (loaded.grant.status === 'unopened') throw new CodedError('impossible_event', 'No grant is open.');
    const actor = serviceActor('credentials');
    const outcome = revokeGrant(
      {
        terms: loaded.grant.opened,
        cause: 'authorization_lapsed',
        by: actor,
        reason,
        now: timestampNow(clock),
      },
      loaded.grant,
    );
    const grant =
      outcome.kind === 'decided' ? await streams.append(loaded, outcome.events, actor) : loaded.grant;
    return { kind: 'refused', refusal: 'grant_revoked', loaded: { ...loaded, grant } };
  }

  async #record({ refusal, loaded }: Extract<Attempt, { kind: 'refused' }>, caller: Caller): Promise<void> {
    const { clock, attempts, endGrant } = this.#with;
    const { grantId, grant, traceparent } = loaded;
    const { type, id } = caller.principal.ref;
    const data = { grantId, by: { type, id }, refusal, refusedAt: timestampNow(clock) };
    await attempts.record({
      requestId: grantId,
      code: refusal,
      event: { type: 'RedemptionRefused', data } satisfies RedemptionRefused,
      actor: actorOf(caller),
      traceparent,
    });
    if (refusal === 'grant_expired') await endGrant.afterTooLate(grantId, grant);
  }
}

/** Where the machine's clock contradicts the recorded time, nobody can tell whether the grant still lives. */
const requireTime = (clock: Clock): void => {
  if (clock.skewMs() <= MAX_SKEW_MS) return;
  throw new CodedError(
    'clock_skewed',
    "The machine's clock contradicts the recorded time, so nothing was redeemed; set it right, restart and try again.",
  );
};

const settled = (outcome: Exclude<Asked, { kind: 'decided' }>, loaded: LoadedGrant): Attempt =>
  outcome.kind === 'unchanged'
    ? { kind: 'redeemed', view: redemptionView(loaded.grant) }
    : { kind: 'refused', refusal: outcome.refusal, loaded };

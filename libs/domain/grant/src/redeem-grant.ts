import type { ActionDigest } from '@countersign/domain-action';
import { CodedError, decided, refused, UNCHANGED, type Outcome, type Timestamp } from '@countersign/kernel';
import type { GrantRedeemed, RedemptionRefusal } from './grant-events.ts';
import type { Grant, OpenGrant } from './grant.ts';
import { isRedeemer, type ActingPrincipal } from './is-redeemer.ts';
import { isExpired } from './open-grant.ts';

export interface RedeemGrant extends ActingPrincipal {
  /** Of the action that is about to run, computed from the bytes the redeemer sent. */
  readonly digest: ActionDigest;
  /** Of the token, whose signature was verified. */
  readonly jti: string;
  /** Given by the redeemer, so that a lost answer can be asked for again. */
  readonly redemptionId?: string | undefined;
  /** Policy set and directory that permitted just now. */
  readonly policySetDigest: string;
  readonly directoryDigest: string;
  readonly now: Timestamp;
}

/**
 * Spends the grant. The questions come in the order of `REDEMPTION_REFUSALS`; the first that holds answers.
 * The same `redemptionId` by the same redeemer again is `unchanged`: answer with `grant.redemption`.
 * A token that was never issued is no refusal but an alarm: `token_not_issued`.
 */
export const redeemGrant = (
  command: RedeemGrant,
  grant: Grant,
): Outcome<GrantRedeemed, RedemptionRefusal> => {
  if (grant.status === 'unopened') throw neverIssued();
  if (!isRedeemer(command, grant.opened)) return refused('wrong_executor');
  if (command.digest !== grant.opened.digest) return refused('digest_mismatch');
  if (grant.token?.jti !== command.jti) throw neverIssued();
  switch (grant.status) {
    case 'revoked':
      return refused('grant_revoked');
    case 'redeemed':
    case 'unreported':
    case 'reported':
      return isRepeat(command, grant.redemption) ? UNCHANGED : refused('already_redeemed');
    case 'expired':
      return refused('grant_expired');
    case 'open':
      return isExpired(grant.opened, command.now) ? refused('grant_expired') : redeemed(command, grant);
    default:
      return grant satisfies never;
  }
};

const neverIssued = (): CodedError<'token_not_issued'> =>
  new CodedError(
    'token_not_issued',
    'The token verifies but was never issued; look for a leaked signing key.',
  );

const isRepeat = ({ redemptionId }: RedeemGrant, redemption: GrantRedeemed['data']): boolean =>
  redemptionId !== undefined && redemptionId === redemption.redemptionId;

const redeemed = (command: RedeemGrant, { opened }: OpenGrant): Outcome<GrantRedeemed, never> =>
  decided({
    type: 'GrantRedeemed',
    data: {
      grantId: opened.grantId,
      by: opened.redeemer,
      digest: opened.digest,
      jti: command.jti,
      enforcement: opened.enforcement,
      ...(command.redemptionId !== undefined && { redemptionId: command.redemptionId }),
      policySetDigest: command.policySetDigest,
      directoryDigest: command.directoryDigest,
      redeemedAt: command.now,
    },
  });

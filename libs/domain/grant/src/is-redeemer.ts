import { sameEntity, type EntityRef } from '@countersign/kernel';
import type { GrantOpened } from './grant-events.ts';

/** A principal, and the person acting through it where its token names one. */
export interface ActingPrincipal {
  readonly by: EntityRef;
  readonly initiator?: string | undefined;
}

/**
 * Whether this principal may redeem and report. Where the requester redeems for itself, only for the person
 * who stood in the review: the same pipeline started by somebody else is another hand. A named executor acts
 * for nobody.
 */
export const isRedeemer = (
  { by, initiator }: ActingPrincipal,
  opened: Pick<GrantOpened['data'], 'requester' | 'redeemer' | 'initiator'>,
): boolean =>
  sameEntity(by, opened.redeemer) &&
  (!sameEntity(opened.redeemer, opened.requester) || initiator === opened.initiator);

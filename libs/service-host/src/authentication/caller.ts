import { lacksInitiator, type Principal } from '@countersign/domain-directory';
import type { Actor, ActorVia } from '@countersign/event-store';
import { AuthenticationError } from './authentication-error.ts';

/** Who stands behind a call, proven by a token that was verified just now. */
export interface Caller {
  readonly principal: Principal;
  readonly via: ActorVia;
  /** The bearer token itself: proof for commands to other services. Never log or store it. */
  readonly token: string;
}

/** The caller as it stands on events. */
export const actorOf = ({ principal, via }: Caller): Actor => ({
  type: principal.ref.type,
  id: principal.ref.id,
  via,
});

/**
 * Asked of whoever makes a request: a requester owned by a group without an initiator is
 * `initiator_required`, because nobody would be kept from approving their own request. The same principal
 * may still redeem as somebody else's executor.
 */
export const requireInitiator = ({ principal }: Caller): void => {
  if (principal.kind === 'requester' && lacksInitiator(principal)) {
    throw new AuthenticationError('initiator_required');
  }
};

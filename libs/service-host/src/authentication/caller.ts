import type { Principal } from '@countersign/domain-directory';
import type { Actor, ActorVia } from '@countersign/event-store';

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

import type { ActingPrincipal } from '@countersign/domain-grant';
import type { Caller } from '@countersign/service-host';

/** The caller as a grant asks for them: the principal, and the person acting through it. */
export const actingAs = ({ principal }: Caller): ActingPrincipal => ({
  by: principal.ref,
  initiator: principal.kind === 'requester' ? principal.initiator : undefined,
});

import type { Actor } from '@countersign/event-store';

/** The policy service acting on its own: evaluations, expiries, escalations, the first activation. */
export const POLICY_SERVICE: Actor = {
  type: 'Service',
  id: 'countersign/policy',
  via: { channel: 'service' },
};

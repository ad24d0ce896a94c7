import { serviceActor } from '@countersign/service-host';

/** The policy service acting on its own: evaluations, expiries, escalations, the first activation. */
export const POLICY_SERVICE = serviceActor('policy');

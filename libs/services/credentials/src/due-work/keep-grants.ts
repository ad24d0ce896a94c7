import { toTimestamp } from '@countersign/kernel';
import { startDueWork, type DueWorkContext } from '@countersign/service-host';
import type { EndGrant } from './end-grant.ts';
import { dueGrants, GRANTS_PROJECTION } from './grants-projection.ts';

/** Follows approvals and grants, and ends each in time whatever its requester does. */
export const keepGrants = (context: DueWorkContext, endGrant: EndGrant): void => {
  startDueWork(context, {
    name: 'grants',
    projection: GRANTS_PROJECTION,
    due: (view, nowMs) => dueGrants(view, toTimestamp(nowMs)),
    ensure: (requestId) => endGrant.ensure(requestId),
    // Only time makes a grant due; no event does, so there is no doorbell to hear.
    hears: [],
  });
};

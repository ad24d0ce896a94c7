import type { Projection } from '@countersign/follower';
import { OPEN_REQUESTS } from './admission/open-requests-projection.ts';
import { RECEIPT_PROJECTION } from './receipts/receipt-projection.ts';

/** What intake makes of the log: whom to tell of what, and who has how much open. One view, followed once. */
export const REQUESTS_PROJECTION: Projection = {
  ...RECEIPT_PROJECTION,
  name: 'intake-requests',
  schema: RECEIPT_PROJECTION.schema + OPEN_REQUESTS.schema,
  apply(view, event) {
    RECEIPT_PROJECTION.apply(view, event);
    OPEN_REQUESTS.apply(view, event);
  },
};

import { parseStreamName } from '@countersign/event-store';
import { startDueWork, type ServiceContext } from '@countersign/service-host';
import { AnnounceReceipt } from './announce-receipt.ts';
import { dueReceipts, RECEIPT_PROJECTION } from './receipt-projection.ts';

/** Follows the log and announces every change of a request that came by NATS. */
export const startReceipts = (context: ServiceContext): void => {
  const announce = new AnnounceReceipt({ ...context, outlet: context.requesterOutlet });
  const work = startDueWork(context, {
    name: 'receipts',
    projection: RECEIPT_PROJECTION,
    due: (view) => dueReceipts(view),
    ensure: (id, view) => announce.ensure(id, view),
    // Its own view tells what changed; a doorbell would come before the view knows.
    hears: [],
    onApplied: (events) => {
      for (const id of new Set(events.map(({ stream }) => parseStreamName(stream).id))) work.nudge(id);
    },
  });
};

import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';
import { startDueWork, type ServiceContext } from '@countersign/service-host';
import { AnnounceReceipt } from './announce-receipt.ts';
import { dueReceipts } from './receipt-projection.ts';

export interface ReceiptsView {
  readonly projection: Projection;
  /** After the view was moved on by these events. */
  readonly onApplied: (events: readonly RecordedEvent[]) => void;
}

/** Follows the log and announces every change of a request that came by NATS. Returns the view it follows into. */
export const startReceipts = (
  context: ServiceContext,
  { projection, onApplied }: ReceiptsView,
): ViewStatements => {
  const announce = new AnnounceReceipt({ ...context, outlet: context.requesterOutlet });
  const work = startDueWork(context, {
    name: 'requests',
    projection,
    due: dueReceipts,
    ensure: (id, view) => announce.ensure(id, view),
    // Its own view tells what changed; a doorbell would come before the view knows.
    hears: [],
    onApplied: (events) => {
      onApplied(events);
      for (const id of new Set(events.map(({ stream }) => parseStreamName(stream).id))) work.nudge(id);
    },
  });
  return work.view;
};

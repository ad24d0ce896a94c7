import { DueWork, Follower, View } from '@countersign/follower';
import { parseStreamName } from '@countersign/event-store';
import type { LifecycleParticipant, ServiceContext } from '@countersign/service-host';
import { AnnounceReceipt } from './announce-receipt.ts';
import { dueReceipts, RECEIPT_PROJECTION } from './receipt-projection.ts';

/** Follows the log and announces every change of a request that came by NATS. */
export const receipts = (context: ServiceContext): LifecycleParticipant => {
  const { store, keys, requesterOutlet: outlet, clock, log } = context;
  const view = new View(context.viewPath('receipts'), RECEIPT_PROJECTION);
  const announce = new AnnounceReceipt({ store, view, keys, outlet, clock });
  const work = new DueWork({
    due: () => dueReceipts(view),
    ensure: (id) => announce.ensure(id),
    clock,
    onError: (error, id) => log.error('receipt.failed', { requestId: id, error }),
  });
  const follower = new Follower({
    store,
    projection: RECEIPT_PROJECTION,
    view,
    onApplied: (events) => {
      for (const id of new Set(events.map(({ stream }) => parseStreamName(stream).id))) work.nudge(id);
    },
    onProblem: (error) => log.error('receipts.follower', { error }),
  });
  return {
    name: 'intake receipts',
    start: () => {
      follower.start();
      follower.caughtUp.then(() => work.start()).catch(() => undefined);
    },
    stop: async () => {
      await follower.stop();
      await work.stop();
      view.close();
    },
    ready: () => (follower.status().state === 'live' ? undefined : 'Receipts are catching up with the log.'),
  };
};

import { requestOf } from '@countersign/domain-action';
import { grantEvents } from '@countersign/domain-grant';
import { reviewEvents } from '@countersign/domain-review';
import { foldThread, type Thread } from '@countersign/domain-thread';
import { streamName, type EventStore } from '@countersign/event-store';

/**
 * One request, folded from its three streams as they stand; undefined where it doesn't exist. For showing,
 * not for authority: signatures aren't checked here. Effects are read first, so that no effect shows
 * without its cause.
 */
export const readThread = async (store: EventStore, requestId: string): Promise<Thread | undefined> => {
  const grant = await store.readStream(streamName('grant', requestId));
  const review = await store.readStream(streamName('review', requestId));
  const request = requestOf(await store.readStream(streamName('request', requestId)));
  if (request === undefined) return undefined;
  return foldThread({ request, review: reviewEvents(review), grant: grantEvents(grant) });
};

import { requestOf } from '@countersign/domain-action';
import { grantEvents } from '@countersign/domain-grant';
import { reviewEvents } from '@countersign/domain-review';
import { foldThread, type Thread } from '@countersign/domain-thread';
import { streamName, type Category } from '@countersign/event-store';
import type { ServiceContext } from '../service-context.ts';
import { alarmed } from './untrusted-record.ts';

/**
 * One request, folded from its three streams as they stand; undefined where it doesn't exist. What isn't
 * signed by its writer is shown to nobody: the alarm is raised, and `signature_invalid` or the like thrown.
 * Effects are read first, so that no effect shows without its cause.
 */
export const readThread = async (
  context: Pick<ServiceContext, 'store' | 'verifier' | 'telemetry' | 'log'>,
  requestId: string,
): Promise<Thread | undefined> => {
  const read = async (category: Category) => {
    const stream = streamName(category, requestId);
    const events = await context.store.readStream(stream);
    alarmed(context, requestId, () => context.verifier.verify(stream, events));
    return events;
  };
  const grant = await read('grant');
  const review = await read('review');
  const request = requestOf(await read('request'));
  if (request === undefined) return undefined;
  return alarmed(context, requestId, () =>
    foldThread({ request, review: reviewEvents(review), grant: grantEvents(grant) }),
  );
};

import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { EventStore, LogEnd } from '@countersign/event-store';
import type { Faults } from './faults.ts';
import { isBackwards, readLog, readLogEnd, readStream, type Truncations } from './read-streams.ts';
import { errorOf, invalidArgument, unavailable } from './refusal.ts';
import { send, serveSubscription, type ReadCall } from './serve-subscription.ts';

export interface Served {
  readonly store: EventStore & LogEnd;
  readonly truncations: Truncations;
  readonly faults: Faults;
}

const answersOf = async (
  { store, truncations }: Pick<Served, 'store' | 'truncations'>,
  options: streams.ReadReq.Options,
): Promise<readonly streams.ReadResp[]> => {
  if (options.hasStream()) return readStream(store, truncations, options);
  return isBackwards(options) ? readLogEnd(store, options) : readLog(store, options);
};

/** Answers one read or one subscription. What it throws ends the call. */
export const serveRead = async ({ store, truncations, faults }: Served, call: ReadCall): Promise<void> => {
  const options = call.request.getOptions();
  if (options === undefined) throw errorOf(invalidArgument('A read has options.'));
  if (options.hasSubscription()) {
    return serveSubscription(store, call, options, faults.take('subscribe'));
  }
  const fault = faults.take('read');
  if (fault?.kind === 'hang') return;
  const answers = await answersOf({ store, truncations }, options);
  for (const answer of answers.slice(0, fault?.after)) await send(call, answer);
  if (fault !== undefined) throw errorOf(unavailable());
  call.end();
};

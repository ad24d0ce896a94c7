import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { EventStore, RecordedEvent } from '@countersign/event-store';
import type { SubscriptionFault } from './faults.ts';
import { caughtUpAnswer, confirmationAnswer, eventAnswer } from './protocol.ts';
import { ALL_CATEGORIES, filterOf } from './read-streams.ts';
import { errorOf, unavailable } from './refusal.ts';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** Writes, and waits where the client is slower. */
export const send = async (call: ReadCall, answer: streams.ReadResp): Promise<void> => {
  if (call.cancelled || call.destroyed) return;
  if (call.write(answer)) return;
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  call.once('close', abort);
  await once(call, 'drain', { signal: gone.signal }).catch(() => undefined);
  call.off('close', abort);
};

/** Which events a fault leaves of those that are due, and whether it ends the call after them. */
class FaultyTelling {
  #left: number;
  readonly #fault: SubscriptionFault | undefined;

  constructor(fault: SubscriptionFault | undefined) {
    this.#fault = fault;
    this.#left = fault !== undefined && 'count' in fault ? fault.count : 0;
  }

  /** How often to tell the next event. */
  times(): number {
    this.#left -= 1;
    const kind = this.#fault?.kind;
    if (kind === 'deaf' || (kind === 'skip' && this.#left >= 0)) return 0;
    return kind === 'double' ? 2 : 1;
  }

  get isOver(): boolean {
    return this.#fault?.kind === 'cut' && this.#left <= 0;
  }
}

/** Tells the log after a position, history and then live, until the client goes or a fault ends it. */
export const serveSubscription = async (
  store: EventStore,
  call: ReadCall,
  options: streams.ReadReq.Options,
  fault: SubscriptionFault | undefined,
): Promise<void> => {
  const matches = filterOf(options);
  const telling = new FaultyTelling(fault);
  await send(call, confirmationAnswer(randomUUID()));
  const onEvents = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const event of events.filter(matches)) {
      for (let times = telling.times(); times > 0; times -= 1) await send(call, eventAnswer(event));
      if (telling.isOver) return void call.emit('error', errorOf(unavailable()));
    }
  };
  const from = options.getAll()?.getPosition()?.getCommitPosition();
  const subscription = store.subscribe(
    { from, categories: ALL_CATEGORIES },
    { onEvents, onCaughtUp: () => void send(call, caughtUpAnswer()) },
  );
  const close = (): void => void subscription.close();
  call.on('cancelled', close);
  call.on('close', close);
  await subscription.ended;
};

import type { CardSurroundings, Notifier } from '@countersign/notifier';
import type { ServiceContext } from '@countersign/service-host';
import { AttemptEnds } from './attempt-ends.ts';
import { ChannelCalls } from './channel-calls.ts';
import { DeliverCards } from './deliver-cards.ts';
import { DeliveryStreams, type LoadedCards } from './delivery-streams.ts';
import { GatherCards } from './gather-cards.ts';
import type { KeepCardsParts } from './keep-cards.ts';

export interface DeliveryOptions {
  readonly notifiers: readonly Notifier[];
  readonly surroundings: (cards: LoadedCards) => Promise<CardSurroundings>;
  readonly deadlineMs?: number;
  /** From 0 to 1; chance itself unless told. */
  readonly random?: () => number;
}

type Context = Pick<ServiceContext, 'store' | 'verifier' | 'writer' | 'clock' | 'telemetry' | 'log'>;

/** One replica's outbox over a context; nothing of it is started. */
export const composeDelivery = (context: Context, options: DeliveryOptions): KeepCardsParts => {
  const { surroundings, random = Math.random } = options;
  const streams = new DeliveryStreams(context);
  const calls = new ChannelCalls({ ...options, clock: context.clock });
  const ends = new AttemptEnds({ ...context, streams, random });
  const parts = { ...context, streams, calls, ends, surroundings };
  const gathered = new GatherCards(parts);
  return { deliverCards: new DeliverCards({ ...parts, gathered }), gathered, calls, random };
};

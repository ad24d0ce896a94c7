import type { RecordedEvent } from '@countersign/event-store';
import { plusMs, timestampNow } from '@countersign/kernel';
import { deliveryEvents } from '@countersign/notifier';
import { startDueWork, type DueWorkContext } from '@countersign/service-host';
import { CARDS_PROJECTION } from './cards-projection.ts';
import type { ChannelCalls } from './channel-calls.ts';
import type { DeliverCards } from './deliver-cards.ts';
import { DueCards, parseItem, type DestinationFacts } from './due-cards.ts';
import type { GatherCards } from './gather-cards.ts';
import { PostsInHand } from './posts-in-hand.ts';

/**
 * From the first change that a card doesn't show until it is changed: what follows closely is shown with it.
 * A terminal state still shows within a second.
 */
const GATHER_MS = 300;

/** A channel's next call is due well before a second is over. */
const LOOK_EVERY_MS = 250;

/** As many as several slow channels leave unanswered, and the others are still served. */
const IN_HAND = 32;

/** Claims of others that are older than this say nothing about the pace of now. */
const PACE_MEMORY_MS = 60_000;

export interface KeepCardsParts {
  readonly deliverCards: DeliverCards;
  readonly gathered: GatherCards;
  readonly calls: ChannelCalls;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Keeps every card true, whoever else does: hears what happens to reviews and grants, and follows the log into
 * a view that tells which cards are behind. Doorbells make it fast; the view makes it sure, and says whose turn it
 * is where a channel takes fewer cards than wait for it.
 */
export const keepCards = (
  context: DueWorkContext,
  { deliverCards, gathered, calls, random }: KeepCardsParts,
): void => {
  const { clock, telemetry } = context;
  const posts = new PostsInHand();
  const factsOf = (channel: string): DestinationFacts => {
    const notifier = calls.notifierOf(channel);
    return {
      room: (purpose) => calls.room(channel, purpose),
      gathers: notifier?.postGathered !== undefined,
      reminds: notifier?.remind !== undefined,
    };
  };
  /** A doorbell's request waits for its turn where others wait already. */
  const isTurn = (requestId: string, channel: string): boolean =>
    !calls.isPaced(channel) || !cards.hasOthers(channel, requestId, clock.nowMs());
  const ensure = async (id: string): Promise<void> => {
    const item = parseItem(id);
    if (item.kind === 'request') {
      return deliverCards.ensure(item.requestId, (channel) => isTurn(item.requestId, channel));
    }
    // Of what a look found, what comes first takes the room.
    if (item.kind === 'gather') return gather(item.channel);
    if (calls.room(item.channel, item.purpose) < 1) return undefined;
    const deliver = () => deliverCards.ensure(item.requestId, (channel) => channel === item.channel);
    return item.purpose === 'post' ? posts.run(item.channel, deliver) : deliver();
  };
  /** At another look where riskier cards are at it: a look's items are in hand at once, and this one would be faster. */
  const gather = async (channel: string): Promise<void> => {
    if (posts.any(channel) || calls.room(channel, 'post') < 1) return;
    const most = calls.notifierOf(channel)?.gathersAtMost ?? 2;
    await gathered.post(channel, cards.gatherable(channel, clock.nowMs(), most));
  };
  const { view } = startDueWork(context, {
    name: 'cards',
    projection: CARDS_PROJECTION,
    due: (_view, nowMs) => cards.items(nowMs, factsOf),
    ensure,
    hears: ['review', 'grant'],
    leavesNewsToHearer: true,
    everyMs: LOOK_EVERY_MS,
    concurrency: IN_HAND,
    inOrder: true,
    // Who is asked is told at once.
    gatherMs: (type) => (type === 'ReviewOpened' ? 0 : GATHER_MS),
    onApplied: (events) => hear(events, calls, plusMs(timestampNow(clock), -PACE_MEMORY_MS)),
  });
  const cards = new DueCards(view, random());
  for (const kind of calls.kinds) {
    const waiting = () => cards.waiting(kind, clock.nowMs());
    telemetry.metrics.deliveryBacklog(() => waiting().cards, { kind });
    telemetry.metrics.oldestDelivery(() => waiting().oldestS, { kind });
  }
};

/** What isn't what it should be is for whoever loads the stream. */
const hear = (events: readonly RecordedEvent[], calls: ChannelCalls, after: string): void => {
  for (const event of events) {
    if (!CLAIMS.has(event.type) || event.committedAt < after) continue;
    if (typeof event.data['channel'] !== 'string') continue;
    for (const claim of deliveryEvents([event])) calls.heard(claim);
  }
};

const CLAIMS: ReadonlySet<string> = new Set(['NotificationAttempted', 'NotificationReminded']);

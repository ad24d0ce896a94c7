import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import type { ClickDesk } from '@countersign/notifier';
import { startDueWork, type DueWorkContext } from '@countersign/service-host';
import { AcksFirst } from './acks-first.ts';
import { ClickWaiters } from './click-waiters.ts';
import { dueInteractions, INTERACTIONS_PROJECTION } from './interactions-projection.ts';
import type { OpenSheet } from './open-sheet.ts';
import type { ReceiveClick } from './receive-click.ts';
import type { SettleClick } from './settle-click.ts';

/** Channels give their private answer within this time; a click that takes longer is answered by the card. */
const ANSWER_WITHIN_MS = 8_000;

export interface ClickDeskParts {
  readonly receiveClick: ReceiveClick;
  readonly settleClick: SettleClick;
  readonly openSheet: OpenSheet;
}

/**
 * Where channels bring clicks. A click is settled soon by the replica that received it, and by any other one if that
 * one dies: the view of unanswered clicks is looked at every second.
 */
export const startClickDesk = (
  context: DueWorkContext,
  { receiveClick, settleClick, openSheet }: ClickDeskParts,
): ClickDesk => {
  const waiters = new ClickWaiters(ANSWER_WITHIN_MS);
  const settle = async (interactionId: string): Promise<void> => {
    const outcome = await settleClick.settle(interactionId);
    if (outcome !== undefined) waiters.answer(interactionId, outcome);
  };
  const nudgeAwaited = (events: readonly RecordedEvent[]): void => {
    for (const { type, stream } of events) {
      const { id } = parseStreamName(stream);
      if (type === 'InteractionAnswered' && waiters.isAwaited(id)) work.nudge(id);
    }
  };
  const work = startDueWork(context, {
    name: 'interactions',
    projection: INTERACTIONS_PROJECTION,
    due: dueInteractions,
    ensure: settle,
    hears: [],
    leavesNewsToHearer: true,
    // Another replica may have been faster.
    onApplied: nudgeAwaited,
  });
  const acksFirst = new AcksFirst((interactionId) => work.nudge(interactionId));
  return {
    receive: async (click) => {
      const { interactionId, isNew, answered } = await acksFirst.receive(() => receiveClick.receive(click));
      const outcome = answered === undefined ? waiters.wait(interactionId) : Promise.resolve(answered);
      return { isNew, outcome };
    },
    open: (requestId, identity) => openSheet.open(requestId, identity),
  };
};

import { startDueWork, type DueWorkContext } from '@countersign/service-host';
import { CARDS_PROJECTION, dueCards } from './cards-projection.ts';
import type { DeliverCards } from './deliver-cards.ts';

/**
 * From the first change that a card doesn't show until it is changed: what follows closely is shown with it.
 * A terminal state still shows within a second.
 */
const GATHER_MS = 300;

/**
 * Keeps every card true, whoever else does: hears what happens to reviews and grants, and follows the log into
 * a view that tells which cards are behind. Doorbells make it fast; the view makes it sure.
 */
export const keepCards = (context: DueWorkContext, deliverCards: DeliverCards): void => {
  startDueWork(context, {
    name: 'cards',
    projection: CARDS_PROJECTION,
    due: dueCards,
    ensure: (requestId) => deliverCards.ensure(requestId),
    hears: ['review', 'grant'],
    leavesNewsToHearer: true,
    // Who is asked is told at once.
    gatherMs: (type) => (type === 'ReviewOpened' ? 0 : GATHER_MS),
  });
};

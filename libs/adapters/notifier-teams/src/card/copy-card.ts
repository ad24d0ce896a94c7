import { adaptiveCard, line, type AdaptiveCard } from './card-elements.ts';

/** In place of a second copy of a card, for who has just decided on it: what came of that, and nothing to press. */
export const copyCard = (outcome: string): AdaptiveCard =>
  adaptiveCard(
    [
      line(outcome, { weight: 'Bolder' }),
      line(
        'This message is a second copy of a card in this conversation, and is not kept up to date: look at the other one. Only you see this.',
        { color: 'Warning' },
        'Small',
      ),
    ],
    [],
  );

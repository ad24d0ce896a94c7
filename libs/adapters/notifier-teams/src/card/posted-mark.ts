import { z } from 'zod';
import type { AdaptiveCard } from './card-elements.ts';

/**
 * Names what a message of ours shows, for as long as it stands: the `id` of its card's first element. A card whose
 * review is over has no buttons left, and no requester's words ever become an id.
 */
export type PostedMark = `countersign-${'review' | 'gathering'}-${string}`;

export const reviewMark = (requestId: string): PostedMark => `countersign-review-${requestId}`;

/** A gathering may have the id of its first request, whose own card is another message. */
export const gatheringMark = (gatheringId: string): PostedMark => `countersign-gathering-${gatheringId}`;

export const marked = (card: AdaptiveCard, mark: PostedMark): AdaptiveCard => {
  const [first, ...others] = card.body;
  if (first?.type !== 'RichTextBlock') throw new Error('A card begins with its heading.');
  return { ...card, body: [{ ...first, id: mark }, ...others] };
};

const markedSchema = z.looseObject({
  type: z.literal('AdaptiveCard'),
  body: z.tuple([z.looseObject({ id: z.string() })], z.unknown()),
});

/** The id at that one place; undefined for what is no marked card. */
export const markOf = (cardJson: string): string | undefined => {
  try {
    return markedSchema.safeParse(JSON.parse(cardJson)).data?.body[0].id;
  } catch {
    return undefined;
  }
};

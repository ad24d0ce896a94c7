import type { ChannelDelivery, Delivery } from './delivery.ts';

/** Of a review, as policy froze it. */
export interface Routes {
  readonly channels: readonly string[];
  readonly failover?: readonly (readonly string[])[];
}

/**
 * Whose cards are kept: the channels that are told at once, those to turn to because the one before them never had the
 * card, or can't change the one that asks there, and whatever was ever tried.
 */
export const askedChannels = ({ channels, failover = [] }: Routes, delivery: Delivery): readonly string[] => {
  const turnedTo = failover.flatMap((chain) => reached(chain, delivery));
  return [...new Set([...channels, ...turnedTo, ...delivery.keys()])];
};

const reached = (chain: readonly string[], delivery: Delivery): readonly string[] =>
  chain.slice(1).filter((_, nth) => delivery.get(chain[nth] ?? '')?.wasOutOfReach === true);

/** Whether a channel's card, where it can't be posted, is posted elsewhere. */
export const hasNext = ({ failover = [] }: Routes, channel: string): boolean =>
  failover.some((chain) => chain.slice(0, -1).includes(channel));

/**
 * Whether it is certain that no channel ever had the card, though policy named some. What may have been shown
 * counts as shown.
 */
export const reachedNobody = ({ channels }: Routes, delivery: Delivery): boolean =>
  channels.length > 0 && [...delivery.values()].every(neverShown);

const neverShown = ({ message, isDoubtful, claim }: ChannelDelivery): boolean =>
  message === undefined && !isDoubtful && claim === undefined;

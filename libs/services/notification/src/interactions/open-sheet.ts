import {
  resolveChannelIdentity,
  type ChannelIdentity,
  type DirectoryIndex,
} from '@countersign/domain-directory';
import { mayRead } from '@countersign/domain-thread';
import {
  buildReviewCard,
  buildReviewSheet,
  type CardSurroundings,
  type OpenedSheet,
} from '@countersign/notifier';
import type { DeliveryStreams, LoadedCards } from '../delivery/delivery-streams.ts';

export interface OpenSheetDependencies {
  /** Of the set in force now; undefined where there is none. */
  readonly directory: () => Promise<DirectoryIndex | undefined>;
  readonly cards: Pick<DeliveryStreams, 'loadCards'>;
  readonly surroundings: (cards: LoadedCards) => Promise<CardSurroundings>;
}

/** One sentence for all who may not, so that nobody learns what exists. */
const REFUSED: OpenedSheet = {
  kind: 'refused',
  message: 'There is no such request, or your account may not read it.',
};

/** Shows all of a request to somebody who may read it, by their chat account. */
export class OpenSheet {
  readonly #with: OpenSheetDependencies;

  constructor(dependencies: OpenSheetDependencies) {
    this.#with = dependencies;
  }

  /** By the directory of now. What can't be trusted throws, and raises the alarm. */
  async open(requestId: string, identity: ChannelIdentity): Promise<OpenedSheet> {
    const { cards, surroundings } = this.#with;
    const directory = await this.#with.directory();
    const person = directory && resolveChannelIdentity(directory, identity);
    if (directory === undefined || person === undefined) return REFUSED;
    const loaded = await cards.loadCards(requestId);
    if (loaded === undefined || !mayRead(person, directory, loaded.thread)) return REFUSED;
    const card = buildReviewCard(loaded.thread, await surroundings(loaded));
    return card === undefined
      ? REFUSED
      : { kind: 'sheet', sheet: buildReviewSheet(card, false, identity.channel) };
  }
}

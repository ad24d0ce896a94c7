import { issueCommandProof, type Bus } from '@countersign/bus';
import { callService, RECORD_DECISION, type ShownCard } from '@countersign/contracts';
import { resolveChannelIdentity, type DirectoryIndex } from '@countersign/domain-directory';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow, toEpochMs } from '@countersign/kernel';
import {
  buildReviewCard,
  NotifierError,
  type Delivery,
  type Notifier,
  type ReviewCard,
} from '@countersign/notifier';
import type { ServiceContext } from '@countersign/service-host';
import type { DeliveryStreams, LoadedCards } from '../delivery/delivery-streams.ts';
import { answeredBy, outcomeOf, refusalOf, type FinalOutcome } from './click-outcome.ts';
import type { InteractionStreams, LoadedInteraction } from './interaction-streams.ts';

export const COMMAND_KEY = 'command-notification';

export interface SettleClickDependencies extends Pick<ServiceContext, 'clock' | 'telemetry' | 'keys'> {
  /** Of the set in force now; undefined where there is none. */
  readonly directory: () => Promise<DirectoryIndex | undefined>;
  readonly bus: Pick<Bus, 'request'>;
  readonly interactions: InteractionStreams;
  readonly cards: Pick<DeliveryStreams, 'loadCards'>;
  /** Those in use here, by the kind that an identity belongs to. */
  readonly channels: ReadonlyMap<string, { readonly notifier: Pick<Notifier, 'objectionTo'> }>;
}

type ReceivedClick = LoadedInteraction['received'];

/** Asks whoever has to be asked about a click that was received, until there is an answer, and records it. */
export class SettleClick {
  readonly #with: SettleClickDependencies;

  constructor(dependencies: SettleClickDependencies) {
    this.#with = dependencies;
  }

  /**
   * Any replica may call it, at any time, as often as it likes: policy answers the same decision of the same
   * person as the first time, and the first answer that is recorded is the one. Throws where nobody could be
   * asked now.
   */
  async settle(interactionId: string): Promise<FinalOutcome | undefined> {
    const { interactions } = this.#with;
    const loaded = await interactions.load(interactionId);
    if (loaded === undefined) return undefined;
    if (loaded.answered !== undefined) return outcomeOf(loaded.answered);
    const outcome = await this.#ask(loaded.received);
    return retryOnConflict(() => this.#record(interactionId, outcome));
  }

  async #record(interactionId: string, outcome: FinalOutcome): Promise<FinalOutcome> {
    const { interactions, clock } = this.#with;
    const loaded = await interactions.load(interactionId);
    if (loaded === undefined) return outcome;
    if (loaded.answered !== undefined) return outcomeOf(loaded.answered);
    await interactions.answer(
      interactionId,
      loaded,
      answeredBy(loaded.received.requestId, outcome, timestampNow(clock)),
    );
    return outcome;
  }

  async #ask(click: ReceivedClick): Promise<FinalOutcome> {
    try {
      const loaded = await this.#with.cards.loadCards(click.requestId);
      const card = loaded && buildReviewCard(loaded.thread, { isDevelopment: false });
      if (loaded === undefined || card === undefined) return UNKNOWN;
      const attributes = { 'countersign.request.id': click.requestId };
      return await this.#with.telemetry.inThread(
        'notification.settle_click',
        loaded.traceparent,
        { attributes },
        async () =>
          (await this.#outdated(click, card)) ??
          (await this.#objection(click)) ??
          (await this.#decide(click, loaded)),
      );
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return this.#exactly(refusal, click.requestId);
    }
  }

  /** Who comes too late is told what became of it. */
  async #exactly(refusal: FinalOutcome, requestId: string): Promise<FinalOutcome> {
    if (refusal.kind !== 'refused' || refusal.code !== 'review_closed') return refusal;
    const loaded = await this.#with.cards.loadCards(requestId);
    const card = loaded && buildReviewCard(loaded.thread, { isDevelopment: false });
    return card === undefined ? refusal : { ...refusal, message: `${refusal.message}${whatBecame(card)}` };
  }

  /**
   * A card that has changed since asks another question. Not so for who decided already, or where the review is
   * over: policy says what stands.
   */
  async #outdated(click: ReceivedClick, card: ReviewCard): Promise<FinalOutcome | undefined> {
    if (click.cardVersion === card.version || card.status !== 'pending') return undefined;
    const directory = await this.#with.directory();
    const person = directory && resolveChannelIdentity(directory, click.identity);
    if (card.decisions.some(({ approver }) => approver === person?.ref.id)) return undefined;
    return { kind: 'refused', code: 'card_outdated', message: sinceThen(card) };
  }

  /** A replica that can't ask leaves the click to one that can. */
  async #objection({ identity }: ReceivedClick): Promise<FinalOutcome | undefined> {
    const channel = this.#with.channels.get(identity.channel);
    if (channel === undefined) {
      throw new NotifierError('channel_unavailable', `No ${identity.channel} is configured here.`);
    }
    const objection = await channel.notifier.objectionTo?.(identity);
    return objection === undefined
      ? undefined
      : { kind: 'refused', code: 'account_refused', message: objection };
  }

  async #decide(click: ReceivedClick, { delivery }: LoadedCards): Promise<FinalOutcome> {
    const { bus, keys, clock } = this.#with;
    const { requestId, decision, reason, digest } = click;
    const payload = { requestId, decision, reason, digest, shown: shownTo(click, delivery) };
    const { channel: kind, tenant, user } = click.identity;
    const token = await issueCommandProof({
      service: 'notification',
      key: await keys.tokenKey(COMMAND_KEY),
      audience: 'policy',
      natsSubject: RECORD_DECISION.natsSubject,
      payload,
      channel: { kind, tenant, user },
      nowMs: clock.nowMs(),
    });
    const { status } = await callService(bus, RECORD_DECISION, {
      payload,
      proof: { kind: 'channel', token },
    });
    const did = decision === 'approve' ? 'approved' : 'denied';
    return { kind: 'decided', status, message: `You ${did} this. The request is now ${status}.` };
  }
}

const UNKNOWN: FinalOutcome = {
  kind: 'refused',
  code: 'not_found',
  message: 'There is no such request; nothing was decided.',
};

const whatBecame = ({ status, outcome }: ReviewCard): string => {
  if (outcome === undefined) return '';
  const by = outcome.by === undefined ? '' : ` by ${outcome.by}`;
  return ` Nothing was decided: the request is now ${status}${by}, since ${outcome.at}.`;
};

const sinceThen = ({ decisions, vacant }: ReviewCard): string => {
  const made = decisions.map(({ approver, decision }) => `${approver} chose to ${decision}`);
  const now = [...made, `still needed: ${vacant.join(', ')}`].join('; ');
  return `The card has changed since you opened it (${now}), so nothing was decided. Look at it as it is now, and decide again.`;
};

/** What the log says of the card in view; how long, where that version stood in that message. */
const shownTo = (click: ReceivedClick, delivery: Delivery): ShownCard => {
  const { message, cardVersion, sawWhole, receivedAt } = click;
  const there = [...delivery.values()].find((one) => one.message === message && one.shown === cardVersion);
  const shown = { message, cardVersion, sawWhole };
  if (there?.shownAt === undefined) return shown;
  return { ...shown, inViewMs: Math.max(0, toEpochMs(receivedAt) - toEpochMs(there.shownAt)) };
};

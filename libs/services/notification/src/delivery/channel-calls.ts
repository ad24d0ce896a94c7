import type { Clock } from '@countersign/kernel';
import {
  channelKind,
  NotifierError,
  type CallPurpose,
  type DeliveryEvent,
  type Notifier,
  type Pace,
} from '@countersign/notifier';
import { paceOf, Pacer, type Taken } from './pacer.ts';
import { withinDeadline } from './within-deadline.ts';

/** A channel that doesn't answer in time has answered nothing. Well within the time of a claim. */
export const CHANNEL_DEADLINE_MS = 10_000;

export type CallResult<Answer> = { readonly answer: Answer } | { readonly error: NotifierError };

export interface ChannelCallsDependencies {
  readonly notifiers: readonly Notifier[];
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly deadlineMs?: number;
}

/** One replica's way to the channels: at their pace, and never for long. */
export class ChannelCalls {
  readonly #notifiers: ReadonlyMap<string, Notifier>;
  readonly #pacer: Pacer;
  readonly #deadlineMs: number;
  /** For which room was taken here, until they are heard from the log. */
  readonly #claims = new Set<string>();

  constructor({ notifiers, clock, deadlineMs = CHANNEL_DEADLINE_MS }: ChannelCallsDependencies) {
    this.#notifiers = new Map(notifiers.map((notifier) => [notifier.kind, notifier]));
    this.#pacer = new Pacer(clock);
    this.#deadlineMs = deadlineMs;
  }

  get kinds(): readonly string[] {
    return [...this.#notifiers.keys()];
  }

  notifierOf(channel: string): Notifier | undefined {
    return this.#notifiers.get(channelKind(channel));
  }

  isPaced(channel: string): boolean {
    return this.#pace(channel, 'post') !== undefined;
  }

  /** Calls that may be made now. */
  room(channel: string, purpose: CallPurpose): number {
    return this.#pacer.room(this.#pace(channel, purpose));
  }

  /** Before this claim is appended: who has no room claims nothing. */
  take(channel: string, purpose: CallPurpose, claim: DeliveryEvent): Taken | undefined {
    const taken = this.#pacer.take(this.#pace(channel, purpose));
    const key = keyOf(claim);
    if (taken === undefined || key === undefined || !this.isPaced(channel)) return taken;
    if (this.#claims.size >= MOST_CLAIMS) this.#claims.clear();
    this.#claims.add(key);
    return {
      done: () => taken.done(),
      // Where another replica was faster and that was heard already, the room is gone with its call.
      giveBack: () => (this.#claims.delete(key) ? taken.giveBack() : taken.done()),
    };
  }

  /** A claim stands in the log: its call counts, once, whosever it is. */
  heard(claim: DeliveryEvent): void {
    const key = keyOf(claim);
    if (key === undefined || this.#claims.delete(key)) return;
    const purpose = claim.type === 'NotificationAttempted' ? claim.data.purpose : 'remind';
    this.#pacer.charge(this.#pace(claim.data.channel, purpose));
  }

  /** Ends `taken` when the channel has answered, or hasn't in time; a channel that asks for a rest gets it. */
  async call<Answer>(
    { channel, purpose, taken }: Call,
    work: (notifier: Notifier, signal: AbortSignal) => Promise<Answer>,
  ): Promise<CallResult<Answer>> {
    try {
      const notifier = this.notifierOf(channel) ?? refuse(channel);
      return { answer: await withinDeadline(this.#deadlineMs, (signal) => work(notifier, signal)) };
    } catch (thrown) {
      const error = asNotifierError(thrown);
      const { retryAfterMs } = error;
      if (retryAfterMs !== undefined) this.#pacer.rest(this.#pace(channel, purpose), retryAfterMs);
      return { error };
    } finally {
      taken.done();
    }
  }

  #pace(channel: string, purpose: CallPurpose): Pace | undefined {
    return paceOf(this.notifierOf(channel), channel, purpose);
  }
}

/** Far more than the log is ever behind by. */
const MOST_CLAIMS = 10_000;

/** Of what announces a call; several cards in one message are one call, announced by the first of them. */
const keyOf = (event: DeliveryEvent): string | undefined => {
  if (event.type === 'NotificationReminded') {
    const { requestId, channel, remindedAt } = event.data;
    return `${requestId} ${channel} ${remindedAt}`;
  }
  if (event.type !== 'NotificationAttempted') return undefined;
  const { requestId, channel, attempt, gathering } = event.data;
  return (gathering?.id ?? requestId) === requestId ? `${requestId} ${channel} ${attempt}` : undefined;
};

interface Call {
  readonly channel: string;
  readonly purpose: CallPurpose;
  readonly taken: Taken;
}

const refuse = (channel: string): never => {
  throw new NotifierError('channel_refused', `This build posts to no channel like "${channel}".`);
};

/** What a notifier didn't mean to throw says nothing about where the card is. */
const asNotifierError = (error: unknown): NotifierError =>
  error instanceof NotifierError
    ? error
    : new NotifierError('delivery_uncertain', 'The channel ended without a clear answer.', { cause: error });

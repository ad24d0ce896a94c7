import { recordOf } from '@countersign/domain-review';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow, toEpochMs } from '@countersign/kernel';
import {
  attemptDone,
  attemptFailed,
  channelKind,
  hasNext,
  UNATTEMPTED,
  type ChannelDelivery,
  type DeliveryEvent,
  type MessageRef,
  type NotificationAttempted,
  type NotifierError,
  type Routes,
} from '@countersign/notifier';
import type { ServiceContext } from '@countersign/service-host';
import type { CallResult } from './channel-calls.ts';
import type { DeliveryStreams, LoadedCards } from './delivery-streams.ts';

type Claim = NotificationAttempted['data'];

/** A claim that stands in the log, with what its end needs to know. */
export interface ClaimedAttempt {
  readonly claim: Claim;
  readonly terms: Routes & { readonly openedAt: string; readonly expiresAt: string };
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Undefined of a request that nobody was asked about. */
export const termsOf = ({ thread }: Pick<LoadedCards, 'thread'>): ClaimedAttempt['terms'] | undefined =>
  recordOf(thread.review)?.opened;

export interface AttemptEndsDependencies extends Pick<ServiceContext, 'clock' | 'telemetry' | 'log'> {
  readonly streams: DeliveryStreams;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Tells in the log what came of attempts. */
export class AttemptEnds {
  readonly #with: AttemptEndsDependencies;

  constructor(dependencies: AttemptEndsDependencies) {
    this.#with = dependencies;
  }

  /** One draw serves all that failed together: they are tried together again. */
  async record(attempts: readonly ClaimedAttempt[], result: CallResult<MessageRef>): Promise<void> {
    const jitter = this.#with.random();
    await Promise.all(
      attempts.map((attempt) => retryOnConflict(() => this.#record(attempt, result, jitter))),
    );
  }

  /** Where the claim has run out and somebody else tries, the end of that attempt counts, not of this one. */
  async #record(attempt: ClaimedAttempt, result: CallResult<MessageRef>, jitter: number): Promise<void> {
    const { streams, log } = this.#with;
    const { requestId, channel, attempt: number } = attempt.claim;
    const loaded = await streams.load(requestId);
    const delivery = loaded.delivery.get(channel) ?? UNATTEMPTED;
    if (delivery.claim?.attempt !== number) {
      log.warn('A card took longer than its claim; it may have been shown twice.', {
        requestId,
        channel,
        attempt: number,
      });
      return;
    }
    const end =
      'answer' in result
        ? attemptDone(attempt.claim, result.answer, timestampNow(this.#with.clock))
        : this.#failed(attempt, delivery, result.error, jitter);
    await streams.append(loaded, [end], attempt);
    this.#count(attempt, end);
  }

  #failed(
    { claim, terms }: ClaimedAttempt,
    delivery: ChannelDelivery,
    error: NotifierError,
    jitter: number,
  ): DeliveryEvent {
    const { code, message: detail, retryAfterMs } = error;
    const next = hasNext(terms, claim.channel);
    const failure = { code, detail, retryAfterMs, hasNext: next, expiresAt: terms.expiresAt, jitter };
    const failed = attemptFailed(claim, delivery, failure, timestampNow(this.#with.clock));
    const { requestId, channel, attempt, retryAt } = failed.data;
    const fields = { requestId, channel, attempt, retryAt, error };
    if (retryAt === undefined)
      this.#with.log.error('A card could not be delivered, and is given up.', fields);
    else this.#with.log.warn('A card could not be delivered; it is tried again.', fields);
    return failed;
  }

  #count({ terms }: ClaimedAttempt, { type, data }: DeliveryEvent): void {
    const { notificationFailures, deliveryDelay } = this.#with.telemetry.metrics;
    const kind = channelKind(data.channel);
    if (type === 'NotificationFailed') {
      notificationFailures.add(1, { kind, code: data.code, final: data.retryAt === undefined });
    } else if (type === 'NotificationPosted') {
      deliveryDelay.record((toEpochMs(data.postedAt) - toEpochMs(terms.openedAt)) / 1_000, { kind });
    }
  }
}

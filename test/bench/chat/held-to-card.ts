import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppendResult } from '@countersign/event-store';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { SystemClock } from '@countersign/kernel';
import { WebClient } from '@slack/web-api';
import { summarize, type Summary } from '../statistics.ts';
import type { ChatInstance } from './chat-instance.ts';
import { submit } from './requests.ts';
import type { SlackSink } from './slack-sink.ts';

export interface HeldToCard {
  readonly floorMs: Summary;
  readonly cardMs: Summary;
}

/** A channel takes a message a second. */
const APART_MS = 1_100;

/** Of each, before any counts: what a process does for the first time takes longer, ours and the floor's. */
const WARM_UP = 10;

/**
 * From the commit of what opened the review to the arrival of its card, and beside it the least there is to do after
 * such a commit: one more durable append, the claim, and one post of the same card by the same client. Both are
 * counted from the time that the store gave the commit, which is before the disk has it, in whole milliseconds.
 * Nobody asks for the request meanwhile.
 */
export const heldToCard = async (
  samples: number,
  folder: string,
  instance: ChatInstance,
  sink: SlackSink,
): Promise<HeldToCard> => {
  const floor = await Floor.open(join(folder, 'floor'), sink);
  const [floorMs, cardMs]: [number[], number[]] = [[], []];
  for (let taken = 0; taken < WARM_UP + samples; taken += 1) {
    const { id } = await submit(instance, 'data.export');
    const { atMs, body } = await sink.postWith(id);
    const opened = instance.log.stream(`review-${id}`).find(({ type }) => type === 'ReviewOpened');
    cardMs.push(atMs - Date.parse(opened?.committedAt ?? ''));
    await delay(APART_MS / 2);
    floorMs.push(await floor.take(body));
    await delay(APART_MS / 2);
  }
  await floor.close();
  return { floorMs: summarize(floorMs.slice(WARM_UP)), cardMs: summarize(cardMs.slice(WARM_UP)) };
};

class Floor {
  readonly #store: SqliteEventStore;
  readonly #sink: SlackSink;
  readonly #client: WebClient;

  private constructor(store: SqliteEventStore, sink: SlackSink) {
    this.#store = store;
    this.#sink = sink;
    this.#client = new WebClient('xoxb-floor', {
      slackApiUrl: sink.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
    });
  }

  static async open(folder: string, sink: SlackSink): Promise<Floor> {
    return new Floor(await SqliteEventStore.open({ folder, clock: new SystemClock() }), sink);
  }

  /** Milliseconds. */
  async take(card: string): Promise<number> {
    const id = randomUUID();
    const args = Object.fromEntries(new URLSearchParams(card));
    const { committedAt } = await this.#append(`review-${id}`, id);
    await this.#append(`delivery-${id}`, id);
    await this.#client.chat.postMessage({
      channel: 'C0BENCH',
      text: `${args['text'] ?? ''} ${id}`,
      blocks: JSON.parse(args['blocks'] ?? '[]') as [],
    });
    const { atMs } = await this.#sink.postWith(id);
    return atMs - Date.parse(committedAt);
  }

  #append(stream: string, id: string): Promise<AppendResult> {
    return this.#store.append(stream, 'no-stream', [
      {
        id: randomUUID(),
        type: 'FloorMeasured',
        schemaVersion: 1,
        data: { id },
        metadata: {
          occurredAt: new Date().toISOString(),
          correlationId: id,
          actor: { type: 'Service', id: 'countersign/notification', via: { channel: 'api' } },
          service: 'notification',
          signature: { kid: 'k'.repeat(43), first: 0, count: 1, value: 's'.repeat(86) },
        },
      },
    ]);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

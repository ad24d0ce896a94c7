import { Follower, View } from '@countersign/follower';
import { timestampNow } from '@countersign/kernel';
import {
  attemptDone,
  attemptFailed,
  buildReviewCard,
  deliveryEvents,
  dueAttempt,
  foldDelivery,
  UNATTEMPTED,
  type ChannelDelivery,
  type DeliveryEvent,
  type NotifierErrorCode,
} from '@countersign/notifier';
import { serviceActor } from '@countersign/service-host';
import { RequestStory, World } from '@countersign/service-testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARDS_PROJECTION, dueCards } from './cards-projection.ts';

/** The log, applied to a fresh view. */
const project = async (world: World): Promise<View> => {
  const view = new View(':memory:', CARDS_PROJECTION);
  const follower = new Follower({ store: world.store, projection: CARDS_PROJECTION, view });
  follower.start();
  await follower.caughtUp;
  await follower.stop();
  return view;
};

/** One request, and the notification service's part in it, step by step. */
class Told {
  readonly #world: World;
  readonly story: RequestStory;

  constructor(world: World, story: RequestStory) {
    this.#world = world;
    this.story = story;
  }

  async channel(): Promise<ChannelDelivery> {
    return foldDelivery(deliveryEvents(await this.#events())).get('log') ?? UNATTEMPTED;
  }

  async due() {
    const card = buildReviewCard(this.story.thread, { isDevelopment: false });
    return card && dueAttempt(card, 'log', await this.channel(), timestampNow(this.#world.clock));
  }

  async claim(): Promise<void> {
    const attempt = await this.due();
    if (attempt !== undefined) await this.#append(attempt);
  }

  async end(code?: NotifierErrorCode): Promise<void> {
    const channel = await this.channel();
    if (channel.claim === undefined) return;
    const now = timestampNow(this.#world.clock);
    await this.#append(
      code === undefined
        ? attemptDone(channel.claim, 'message', now)
        : attemptFailed(channel.claim, channel, { code, detail: 'why' }, now),
    );
  }

  #events() {
    return this.#world.events(`delivery-${this.story.id}`);
  }

  async #append(event: DeliveryEvent): Promise<void> {
    const last = (await this.#events()).at(-1)?.revision ?? 'no-stream';
    await this.#world.writer('notification').append(`delivery-${this.story.id}`, last, [event], {
      actor: serviceActor('notification'),
      correlationId: this.story.id,
    });
  }
}

type Step = (told: Told, world: World) => Promise<unknown> | void;
const STEPS: Readonly<Record<string, Step>> = {
  approve: ({ story }) => story.approve('alice'),
  deny: ({ story }) => story.deny('bob'),
  escalate: ({ story }) => story.escalate(),
  expire: ({ story }) => story.expire('undeliverable'),
  cancel: ({ story }) => story.cancel(),
  issue: ({ story }) => story.claim(),
  redeem: ({ story }) => story.redeem(),
  revoke: ({ story }) => story.revoke(),
  expireGrant: ({ story }) => story.expireGrant(),
  report: ({ story }) => story.report('failed'),
  claim: (told) => told.claim(),
  done: (told) => told.end(),
  unavailable: (told) => told.end('channel_unavailable'),
  uncertain: (told) => told.end('delivery_uncertain'),
  refused: (told) => told.end('channel_refused'),
  second: (_told, { clock }) => clock.advance(1_000),
  halfMinute: (_told, { clock }) => clock.advance(30_000),
  minutes: (_told, { clock }) => clock.advance(300_000),
};

describe('the view of the cards', () => {
  it('says that a card is due exactly where the rules say so, after any history', async () => {
    const weighted = [...Object.keys(STEPS), 'claim', 'claim', 'claim', 'done', 'uncertain', 'halfMinute'];
    const obligations = {
      groups: [{ group: 'data-owners', quorum: 2, escalation: { afterMs: 300_000, to: ['platform'] } }],
      grantTtlMs: 400_000,
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...weighted), { maxLength: 14 }), async (names) => {
        const world = await World.acme();
        const told = new Told(world, await RequestStory.begin(world, { obligations }));
        for (const name of names) await STEPS[name]?.(told, world);
        const view = await project(world);
        const due = dueCards(view, world.clock.nowMs()).includes(told.story.id);
        expect(due).toBe((await told.due()) !== undefined);
        view.close();
      }),
      { numRuns: 150 },
    );
  });

  it('is stopped by nothing that the events hold', async () => {
    const world = await World.acme();
    const append = (stream: string, type: string, data: object) =>
      world
        .writer(stream.startsWith('review') ? 'policy' : 'notification')
        .append(stream, 'no-stream', [{ type, data }], { actor: serviceActor('policy'), correlationId: 'x' });
    await append('review-1', 'ReviewOpened', { channels: 'log' });
    await append('review-2', 'ReviewOpened', { channels: [7, 'log', 'log'] });
    await append('review-3', 'SomethingNew', {});
    await append('delivery-2', 'NotificationFailed', { channel: 'log', version: 'two', retryAt: 3 });
    await append('delivery-4', 'NotificationPosted', {});
    const view = await project(world);
    expect(dueCards(view, world.clock.nowMs())).toEqual(['2']);
  });

  it('finds what is due without looking at what is done', async () => {
    const view = new View(':memory:', CARDS_PROJECTION);
    const seen: string[] = [];
    const spy = { run: () => undefined, get: () => undefined, all: (sql: string) => (seen.push(sql), []) };
    dueCards(spy, 0);
    const plan = view.all(`EXPLAIN QUERY PLAN ${seen[0]}`, '').map(({ detail }) => String(detail));
    expect(plan.join('\n')).toContain('card_stale');
    view.close();
  });
});

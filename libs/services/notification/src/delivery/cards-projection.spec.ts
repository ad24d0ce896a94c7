import { recordOf } from '@countersign/domain-review';
import { Follower, View } from '@countersign/follower';
import { timestampNow } from '@countersign/kernel';
import {
  askedChannels,
  attemptDone,
  attemptFailed,
  buildReviewCard,
  deliveryEvents,
  dueAttempt,
  dueReminder,
  foldDelivery,
  UNATTEMPTED,
  type Delivery,
  type DeliveryEvent,
  type NotificationAttempted,
  type NotificationReminded,
  type NotifierErrorCode,
} from '@countersign/notifier';
import { serviceActor } from '@countersign/service-host';
import { RequestStory, World } from '@countersign/service-testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARDS_PROJECTION } from './cards-projection.ts';
import { DueCards, itemOf } from './due-cards.ts';

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

  async delivery(): Promise<Delivery> {
    return foldDelivery(deliveryEvents(await this.#events()));
  }

  /** By the rules, of all channels in turn. */
  async due(): Promise<readonly (NotificationAttempted | NotificationReminded)[]> {
    const { thread } = this.story;
    const card = buildReviewCard(thread, { isDevelopment: false });
    const record = recordOf(thread.review);
    if (card === undefined || record === undefined) return [];
    const { opened, escalatedAt } = record;
    const terms = { ...opened, ...(escalatedAt !== undefined && { escalatedAt }) };
    const delivery = await this.delivery();
    const now = timestampNow(this.#world.clock);
    return askedChannels(opened, delivery).flatMap((name) => {
      const channel = delivery.get(name) ?? UNATTEMPTED;
      return dueAttempt(card, name, channel, now) ?? dueReminder(card, name, channel, terms, now) ?? [];
    });
  }

  async take(type: 'NotificationAttempted' | 'NotificationReminded'): Promise<void> {
    const event = (await this.due()).find((one) => one.type === type);
    if (event !== undefined) await this.#append(event);
  }

  async end(code?: NotifierErrorCode): Promise<void> {
    const channel = [...(await this.delivery()).values()].find(({ claim }) => claim !== undefined);
    if (channel?.claim === undefined) return;
    const now = timestampNow(this.#world.clock);
    await this.#append(
      code === undefined
        ? attemptDone(channel.claim, 'message', now)
        : attemptFailed(channel.claim, channel, { code, detail: 'why', jitter: 1 }, now),
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
  expire: ({ story }, { clock }) => {
    clock.advance(900_000);
    return story.expire('undeliverable');
  },
  cancel: ({ story }) => story.cancel(),
  issue: ({ story }) => story.claim(),
  redeem: ({ story }) => story.redeem(),
  revoke: ({ story }) => story.revoke(),
  expireGrant: ({ story }) => story.expireGrant(),
  report: ({ story }) => story.report('failed'),
  claim: (told) => told.take('NotificationAttempted'),
  remind: (told) => told.take('NotificationReminded'),
  done: (told) => told.end(),
  unavailable: (told) => told.end('channel_unavailable'),
  uncertain: (told) => told.end('delivery_uncertain'),
  refused: (told) => told.end('channel_refused'),
  second: (_told, { clock }) => clock.advance(1_000),
  halfMinute: (_told, { clock }) => clock.advance(30_000),
  minutes: (_told, { clock }) => clock.advance(300_000),
};

const EVERYTHING = { room: () => Number.POSITIVE_INFINITY, gathers: false, reminds: true };
const looked = (view: View, nowMs: number) => new DueCards(view, 0).items(nowMs, () => EVERYTHING);
/** A card that is behind is updated; what it says besides waits. */
const firstOf = (items: readonly string[]) =>
  items.filter((item) => !items.includes(item.replace(' remind', ' update')) || !item.endsWith(' remind'));

const purposeOf = (data: (NotificationAttempted | NotificationReminded)['data']) =>
  'purpose' in data ? data.purpose : 'remind';

describe('the view of the cards', () => {
  const obligations = {
    groups: [{ group: 'data-owners', quorum: 2, escalation: { afterMs: 300_000, to: ['platform'] } }],
    grantTtlMs: 400_000,
    remindAfterMs: 60_000,
    channels: ['log', 'teams:ops'],
    failover: [['log', 'slack:#prod', 'teams:ops', 'log:two']],
  };

  /** What is due by the view is due by the rules, and what isn't isn't; answers what is. */
  const agreeAfter = async (names: readonly string[]): Promise<readonly string[]> => {
    const world = await World.acme();
    const told = new Told(world, await RequestStory.begin(world, { obligations }));
    for (const name of names) await STEPS[name]?.(told, world);
    const view = await project(world);
    const due = await told.due();
    expect(firstOf(looked(view, world.clock.nowMs())).toSorted()).toEqual(
      due.map(({ data }) => itemOf(told.story.id, data.channel, purposeOf(data))).toSorted(),
    );
    view.close();
    return due.map(({ data }) => data.channel);
  };

  it('says that a card is due exactly where the rules say so, after any history', async () => {
    const weighted = [...Object.keys(STEPS), 'claim', 'claim', 'claim', 'done', 'uncertain', 'refused'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...weighted), { maxLength: 14 }), async (names) => {
        await agreeAfter(names);
      }),
      {
        numRuns: 100,
      },
    );
  }, 60_000);

  it.each([
    ['still asks', ['approve'], true],
    ['asks no more', ['approve', 'deny'], false],
  ])(
    'turns elsewhere where a card that stands can be changed no more and %s',
    async (_, change, isTurned) => {
      const due = await agreeAfter(['claim', 'done', ...change, 'claim', 'refused']);
      expect(due.includes('slack:#prod')).toBe(isTurned);
    },
  );

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
    expect(looked(view, world.clock.nowMs())).toEqual([itemOf('2', 'log', 'post')]);
  });

  it('finds what is due without looking at what is done', async () => {
    const view = new View(':memory:', CARDS_PROJECTION);
    const plans: string[] = [];
    const explain = (sql: string): void => {
      if (sql.includes('FROM channel')) return;
      plans.push(
        view
          .all(`EXPLAIN QUERY PLAN ${sql}`)
          .map(({ detail }) => String(detail))
          .join(),
      );
    };
    const spy = {
      run: () => undefined,
      get: (sql: string): undefined => {
        explain(sql);
      },
      all: (sql: string) => (explain(sql), [{ name: 'log' }]),
    };
    const cards = new DueCards(spy, 0);
    cards.items(0, () => EVERYTHING);
    cards.gatherable('log', 0, 20);
    cards.hasOthers('log', '1', 0);
    cards.waiting('log', 0);
    expect(plans).toHaveLength(6);
    for (const plan of plans) expect(plan).toMatch(/INDEX card_(stale|reminder)/u);
    view.close();
  });
});

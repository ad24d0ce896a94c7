import { deliveryEvents, foldDelivery, NotifierError } from '@countersign/notifier';
import { RequestStory, World, type StoryOptions } from '@countersign/service-testing';
import { FailpointEventStore, Failpoints, failWith } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { PlatformNotifier, replicaOf } from '../spec-helpers.ts';

const CHANNEL = 'slack:#prod';
const CLAIM_MS = 30_000;

describe('cards in one message', () => {
  let world: World;
  let slack: PlatformNotifier;
  beforeEach(async () => {
    world = await World.acme();
    slack = new PlatformNotifier(world.clock, { perMinute: 60_000 });
  });

  const begin = (count: number): Promise<readonly RequestStory[]> => {
    const obligations: StoryOptions['obligations'] = { channels: [CHANNEL], risk: 'low' };
    return Promise.all(Array.from({ length: count }, () => RequestStory.begin(world, { obligations })));
  };
  const idsOf = (stories: readonly RequestStory[]) => stories.map(({ id }) => id);
  const replica = (store = world.store) => {
    world.clock.advance(1_000);
    return replicaOf(world, { notifiers: [slack], store }).delivery;
  };
  const gather = (stories: readonly RequestStory[], store = world.store) =>
    replica(store).gathered.post(CHANNEL, idsOf(stories));
  const standing = async ({ id }: RequestStory) =>
    foldDelivery(deliveryEvents(await world.events(`delivery-${id}`))).get(CHANNEL);
  const only = (what: string) => slack.told.filter((told) => told.what === what);

  it('are posted once, and each has a record of its own that names the message', async () => {
    const stories = await begin(3);
    await Promise.all([gather(stories), gather(stories), gather(stories)]);
    expect(slack.told).toMatchObject([{ what: 'gather', requests: idsOf(stories) }]);
    for (const story of stories) {
      expect(await standing(story)).toMatchObject({ message: slack.told[0]?.message, shown: 3 });
    }
  });

  it('are kept true together, whichever of them changes', async () => {
    const stories = await begin(3);
    await gather(stories);
    const [, second, third] = stories;
    await second?.deny('bob');
    await third?.cancel();
    await replica().deliverCards.ensure(second?.id ?? '');
    expect(slack.told.at(-1)).toMatchObject({
      what: 'update gathered',
      requests: idsOf(stories),
      statuses: ['pending', 'denied', 'cancelled'],
    });
    const before = slack.told.length;
    await replica().deliverCards.ensure(third?.id ?? '');
    expect(slack.told).toHaveLength(before);
  });

  it('leave out what was tried before, what has ended, and what nobody else waits beside', async () => {
    const [first, ended, alone] = await begin(3);
    await ended?.cancel();
    await replica().deliverCards.ensure(alone?.id ?? '');
    await gather([first, ended, alone].filter((story) => story !== undefined));
    expect(only('gather')).toEqual([]);
  });

  it.each(['NotificationAttempted', 'NotificationPosted'])(
    'survive a crash at any %s: the message is found again, and every card is in one',
    async (type) => {
      for (let nth = 0; nth < 3; nth += 1) {
        const stories = await begin(3);
        const failpoints = new Failpoints();
        let passed = 0;
        failpoints.arm('before-append', failWith(new Error('SIGKILL')), {
          when: (subject) => subject.includes(type) && (passed += 1) > nth,
        });
        const crashed = gather(stories, new FailpointEventStore(world.store, failpoints));
        await expect(crashed).rejects.toThrow('SIGKILL');
        world.clock.advance(CLAIM_MS);
        for (const story of stories) await replica().deliverCards.ensure(story.id);
        for (const story of stories) {
          const { message = '', isDoubtful } = (await standing(story)) ?? {};
          expect(isDoubtful).toBe(false);
          expect(slack.messages.get(message)?.get(story.id)).toBe('pending');
        }
      }
    },
  );

  it('are posted again under the same name where nobody knows whether they were', async () => {
    const stories = await begin(3);
    slack.trouble.push(() => Promise.reject(new Error('socket hang up')));
    await gather(stories);
    await stories[1]?.deny('bob');
    await replica().deliverCards.ensure(stories[2]?.id ?? '');
    expect(only('gather')).toHaveLength(2);
    expect([...slack.messages.keys()]).toEqual([`gathered ${stories[0]?.id}`]);
    expect(slack.told.at(-1)).toMatchObject({ statuses: ['pending', 'denied', 'pending'] });
  });

  it('are posted alone where the channel refuses them together', async () => {
    const stories = await begin(2);
    slack.trouble.push(() => Promise.reject(new NotifierError('channel_refused', 'Too much.')));
    await gather(stories);
    await gather(stories);
    expect(only('gather')).toHaveLength(1);
    for (const story of stories) await replica().deliverCards.ensure(story.id);
    expect(only('post').flatMap(({ requests }) => requests)).toEqual(idsOf(stories));
  });
});

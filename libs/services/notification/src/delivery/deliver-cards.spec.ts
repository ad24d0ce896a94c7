import { statusOf } from '@countersign/domain-thread';
import { EventWriter } from '@countersign/event-store';
import {
  cardVersionOf,
  deliveryEvents,
  foldDelivery,
  NotifierError,
  type NotifierErrorCode,
} from '@countersign/notifier';
import { serviceActor, SILENT_LOGGER, type LogFields } from '@countersign/service-host';
import { RequestStory, World, type StoryOptions } from '@countersign/service-testing';
import {
  FailpointEventStore,
  Failpoints,
  failWith,
  holdOpen,
  loseAnswer,
  testKeys,
} from '@countersign/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { deliveryTypes, PlatformNotifier, RecordingNotifier, replicaOf } from '../spec-helpers.ts';

const CLAIM_MS = 30_000;

describe('DeliverCards', () => {
  let world: World;
  let log: RecordingNotifier;
  beforeEach(async () => {
    world = await World.acme();
    log = new RecordingNotifier();
  });

  const begin = (options?: StoryOptions) => RequestStory.begin(world, options);
  const deliver = ({ id }: RequestStory, ...more: RecordingNotifier[]) =>
    replicaOf(world, { notifiers: [log, ...more] }).deliverCards.ensure(id);
  const types = ({ id }: RequestStory) => deliveryTypes(world, id);
  const failing = (code: NotifierErrorCode) => () => {
    throw new NotifierError(code, 'It went wrong.');
  };

  it('posts one card, however often it is asked', async () => {
    const story = await begin();
    await deliver(story);
    await deliver(story);
    expect(log.shown).toEqual([
      { what: 'post', requestId: story.id, status: 'pending', version: 3, isRepeat: false },
    ]);
    expect(await types(story)).toEqual(['NotificationAttempted', 'NotificationPosted']);
  });

  it('posts one card where two replicas try at once', async () => {
    const story = await begin();
    await Promise.all([deliver(story), deliver(story), deliver(story)]);
    expect(log.shown).toHaveLength(1);
    expect(await types(story)).toEqual(['NotificationAttempted', 'NotificationPosted']);
  });

  it('posts nothing for what policy settled alone, and for what nobody asked', async () => {
    const story = await begin({ obligations: { groups: [] } });
    await deliver(story);
    await replicaOf(world, { notifiers: [log] }).deliverCards.ensure('99999999-9999-4999-8999-999999999999');
    expect(log.shown).toEqual([]);
    expect(await types(story)).toEqual([]);
  });

  it('posts nothing any more where the request ended before', async () => {
    const story = await begin();
    await story.cancel();
    await deliver(story);
    expect(log.shown).toEqual([]);
  });

  it('keeps the card true until the end, and is silent where nothing changes on it', async () => {
    const story = await begin();
    const steps = [
      () => story.approve('alice'),
      () => story.claim(),
      () => story.redeem(),
      () => story.report('succeeded'),
    ];
    await deliver(story);
    for (const step of steps) {
      expect(await step()).toBe(true);
      await deliver(story);
    }
    expect(log.shown.map(({ what, status }) => [what, status])).toEqual([
      ['post', 'pending'],
      ['update', 'approved'],
      ['update', 'redeemed'],
      ['update', 'succeeded'],
    ]);
    const events = await world.events(`delivery-${story.id}`);
    expect(events.at(-1)?.data).toMatchObject({ status: 'succeeded', version: 9 });
  });

  it('says at once what is true now where several things happened meanwhile', async () => {
    const story = await begin();
    await deliver(story);
    await story.approve('alice');
    await story.revoke();
    await deliver(story);
    expect(log.shown.map(({ status }) => status)).toEqual(['pending', 'revoked']);
  });

  it('updates the card for a decision that does not end the review', async () => {
    const story = await begin({ obligations: { groups: [{ group: 'data-owners', quorum: 2 }] } });
    await deliver(story);
    await story.approve('alice');
    await deliver(story);
    expect(log.shown.map(({ what, status }) => [what, status])).toEqual([
      ['post', 'pending'],
      ['update', 'pending'],
    ]);
  });

  it('posts to every channel, and one that is slow or down holds up no other', async () => {
    const slack = new RecordingNotifier('slack');
    const teams = new RecordingNotifier('teams');
    const gate = holdOpen();
    slack.trouble.push(gate.action);
    teams.trouble.push(failing('channel_unavailable'));
    const story = await begin({ obligations: { channels: ['log', 'slack:#prod', 'teams:ops'] } });
    const delivering = deliver(story, slack, teams);
    await gate.reached;
    await expect.poll(() => types(story)).toContain('NotificationPosted');
    await expect.poll(() => types(story)).toContain('NotificationFailed');
    gate.release();
    await delivering;
    const events = await world.events(`delivery-${story.id}`);
    expect(
      deliveryEvents(events)
        .map(({ type, data }) => `${type} ${data.channel}`)
        .sort(),
    ).toEqual([
      'NotificationAttempted log',
      'NotificationAttempted slack:#prod',
      'NotificationAttempted teams:ops',
      'NotificationFailed teams:ops',
      'NotificationPosted log',
      'NotificationPosted slack:#prod',
    ]);
  });

  it('gives a channel that this build does not know up at once, and says so', async () => {
    const story = await begin({ obligations: { channels: ['pager:ops'] } });
    await deliver(story);
    const [, failed] = await world.events(`delivery-${story.id}`);
    expect(failed).toMatchObject({ type: 'NotificationFailed', data: { code: 'channel_refused' } });
    expect(failed?.data).not.toHaveProperty('retryAt');
  });

  /** Slack is told, and Teams is turned to. */
  const FAILOVER = { channels: ['slack:#prod'], failover: [['slack:#prod', 'teams:ops']] };
  const beginWithTwo = async (obligations = {}) => ({
    slack: new RecordingNotifier('slack'),
    teams: new RecordingNotifier('teams'),
    story: await begin({ obligations: { ...FAILOVER, ...obligations } }),
  });

  it('turns to the next channel once one was given up, and keeps every card true that stands', async () => {
    const { slack, teams, story } = await beginWithTwo();
    slack.trouble.push(failing('channel_refused'));
    await deliver(story, slack, teams);
    expect(teams.shown).toEqual([]);
    await deliver(story, slack, teams);
    expect(teams.shown).toMatchObject([{ what: 'post', status: 'pending' }]);
    await story.deny('bob');
    await deliver(story, slack, teams);
    expect(slack.shown).toEqual([]);
    expect(teams.shown.at(-1)).toMatchObject({ what: 'update', status: 'denied' });
  });

  it('turns to the next channel, too, where a card that still asks can be changed no more', async () => {
    const { slack, teams, story } = await beginWithTwo({ groups: [{ group: 'data-owners', quorum: 2 }] });
    await deliver(story, slack, teams);
    await story.approve('alice');
    slack.trouble.push(failing('channel_refused'));
    await deliver(story, slack, teams);
    await deliver(story, slack, teams);
    expect(teams.shown).toMatchObject([
      { what: 'post', status: 'pending', version: slack.shown[0]!.version + 1 },
    ]);
  });

  it('turns to nobody for the sake of a card that asks no more', async () => {
    const { slack, teams, story } = await beginWithTwo();
    await deliver(story, slack, teams);
    await story.deny('bob');
    slack.trouble.push(failing('channel_refused'));
    await deliver(story, slack, teams);
    await deliver(story, slack, teams);
    expect(teams.shown).toEqual([]);
  });

  it('fails over within minutes where a channel asks to be left alone for a day', async () => {
    const slack = new PlatformNotifier(world.clock);
    const teams = new RecordingNotifier('teams');
    const stories = [await begin({ obligations: FAILOVER }), await begin({ obligations: FAILOVER })];
    const { deliverCards } = replicaOf(world, { notifiers: [slack, teams] });
    const retryAfterMs = 86_400_000;
    const tooFast = (): void => {
      throw new NotifierError('channel_unavailable', 'Too fast.', { retryAfterMs });
    };
    for (let minute = 0; minute < 12; minute += 1) {
      slack.trouble.splice(0, Infinity, tooFast);
      for (const { id } of stories) await deliverCards.ensure(id);
      world.clock.advance(60_000);
    }
    expect(teams.shown.map(({ requestId }) => requestId).toSorted()).toEqual(
      stories.map(({ id }) => id).toSorted(),
    );
  });

  it(
    'makes every card true or a dead letter in the end, whatever a channel does',
    { timeout: 60_000 },
    async () => {
      const codes = ['channel_unavailable', 'delivery_uncertain', 'channel_refused'] as const;
      const outcome = fc.constantFrom('ok', 'hang up', ...codes);
      const act = fc.constantFrom('wait', 'approve', 'claim', 'redeem');
      const rounds = fc.array(fc.tuple(outcome, act), { maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(rounds, fc.boolean(), async (steps, staysDown) => {
          const channel = new RecordingNotifier();
          const story = await begin();
          const { deliverCards } = replicaOf(world, { notifiers: [channel] });
          const troubled = (code: (typeof steps)[number][0]) => (): void => {
            if (code === 'hang up') throw new Error('socket hang up');
            if (code !== 'ok') throw new NotifierError(code, 'It went wrong.');
          };
          for (const [code, what] of steps) {
            channel.trouble.splice(0, Infinity, troubled(code));
            if (what === 'approve') await story.approve('alice');
            if (what === 'claim') await story.claim();
            if (what === 'redeem') await story.redeem();
            await deliverCards.ensure(story.id);
            world.clock.advance(20_000);
          }
          for (let minute = 0; minute < 20; minute += 1) {
            channel.trouble.splice(0, Infinity, troubled(staysDown ? 'channel_unavailable' : 'ok'));
            world.clock.advance(60_000);
            await deliverCards.ensure(story.id);
          }
          const delivery = foldDelivery(deliveryEvents(await world.events(`delivery-${story.id}`))).get(
            'log',
          );
          const isTrue = delivery?.shown === cardVersionOf(story.thread);
          const isDeadLetter = delivery?.failure !== undefined && delivery.failure.retryAt === undefined;
          const asksNobody = statusOf(story.thread) !== 'pending' && delivery?.message === undefined;
          expect(isTrue || isDeadLetter || (asksNobody && delivery?.isDoubtful !== true)).toBe(true);
        }),
        { numRuns: 25 },
      );
    },
  );

  it('tries again after a failure, once its rest is over', async () => {
    log.trouble.push(failing('channel_unavailable'));
    const story = await begin();
    await deliver(story);
    await deliver(story);
    expect(log.shown).toEqual([]);
    world.clock.advance(1_000);
    await deliver(story);
    expect(log.shown).toMatchObject([{ what: 'post', isRepeat: false }]);
  });

  it.each([
    ['is not meant', () => Promise.reject(new Error('socket hang up'))],
    ['never comes', () => new Promise<void>(() => undefined)],
  ])('takes an answer that %s for one that may have been shown', async (_what, trouble) => {
    log.trouble.push(trouble);
    const story = await begin();
    const { deliverCards } = replicaOf(world, { notifiers: [log], deadlineMs: 5 });
    await deliverCards.ensure(story.id);
    expect((await world.events(`delivery-${story.id}`))[1]?.data['code']).toBe('delivery_uncertain');
    world.clock.advance(1_000);
    await deliverCards.ensure(story.id);
    expect(log.shown).toMatchObject([{ what: 'post', isRepeat: true }]);
  });

  it.each([
    ['pending', async () => true],
    ['denied', (story: RequestStory) => story.deny('alice')],
  ])(
    'shows the card again after a crash between post and record: it is %s now',
    async (status, meanwhile) => {
      const failpoints = new Failpoints();
      const store = new FailpointEventStore(world.store, failpoints);
      failpoints.arm('before-append', failWith(new Error('SIGKILL')), {
        when: (subject) => subject.includes('NotificationPosted'),
      });
      const story = await begin();
      const crashing = replicaOf(world, { notifiers: [log], store }).deliverCards.ensure(story.id);
      await expect(crashing).rejects.toThrow('SIGKILL');
      await meanwhile(story);
      await deliver(story);
      expect(log.shown).toHaveLength(1);
      world.clock.advance(CLAIM_MS);
      await deliver(story);
      await deliver(story);
      expect(log.shown.slice(1)).toMatchObject([{ what: 'post', status, isRepeat: true }]);
      expect(await types(story)).toEqual([
        'NotificationAttempted',
        'NotificationAttempted',
        'NotificationPosted',
      ]);
    },
  );

  it('shows a card once where the answer to an append is lost', async () => {
    const failpoints = new Failpoints();
    const store = new FailpointEventStore(world.store, failpoints);
    failpoints.arm('after-append', loseAnswer, { times: 1 });
    const story = await begin();
    await replicaOf(world, { notifiers: [log], store }).deliverCards.ensure(story.id);
    expect(log.shown).toHaveLength(1);
    expect(await types(story)).toEqual(['NotificationAttempted', 'NotificationPosted']);
  });

  it('lets the attempt count that took over from one that outlived its claim, and says so', async () => {
    const warnings: LogFields[] = [];
    const gate = holdOpen();
    log.trouble.push(gate.action);
    const story = await begin();
    const slow = replicaOf(world, {
      notifiers: [log],
      log: { ...SILENT_LOGGER, warn: (_, fields = {}) => void warnings.push(fields) },
    }).deliverCards.ensure(story.id);
    await gate.reached;
    world.clock.advance(CLAIM_MS);
    await deliver(story);
    gate.release();
    await slow;
    expect(warnings).toMatchObject([{ requestId: story.id, attempt: 1 }]);
    const events = await world.events(`delivery-${story.id}`);
    expect(events.map(({ type, data }) => [type, data['attempt']])).toEqual([
      ['NotificationAttempted', 1],
      ['NotificationAttempted', 2],
      ['NotificationPosted', 2],
    ]);
  });

  it('shows nothing of a record that can not be trusted, and raises the alarm', async () => {
    const alarms: LogFields[] = [];
    const story = await begin();
    const signer = { ...testKeys().signer('policy'), kid: world.keys.signer('policy').kid };
    const forger = new EventWriter({ service: 'policy', store: world.store, signer, clock: world.clock });
    await forger.append(`review-${story.id}`, 1, [{ type: 'ReviewCancelled', data: {} }], {
      actor: serviceActor('policy'),
      correlationId: story.id,
    });
    const { deliverCards } = replicaOf(world, {
      notifiers: [log],
      log: { ...SILENT_LOGGER, error: (_, fields = {}) => void alarms.push(fields) },
    });
    await expect(deliverCards.ensure(story.id)).rejects.toMatchObject({ code: 'signature_invalid' });
    expect(alarms).toMatchObject([{ event: 'countersign.alarm', requestId: story.id }]);
    expect(log.shown).toEqual([]);
    expect(await types(story)).toEqual([]);
  });
});

import { requestOf } from '@countersign/domain-action';
import { grantEvents } from '@countersign/domain-grant';
import { recordOf, reviewEvents } from '@countersign/domain-review';
import { foldThread, statusOf } from '@countersign/domain-thread';
import { streamName } from '@countersign/event-store';
import { World } from '@countersign/service-testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditOver, dave } from '../audit-spec-helpers.ts';
import { Story } from '../story-spec-helpers.ts';

const STEPS: Readonly<Record<string, (story: Story, world: World) => Promise<unknown>>> = {
  'is evaluated': (story) => story.evaluate(),
  'is evaluated for two with escalation': (story) =>
    story.evaluate([{ group: 'data-owners', quorum: 2, escalation: { afterMs: 60_000, to: ['platform'] } }]),
  'is permitted at once': (story) => story.evaluate([]),
  'is forbidden': (story) => story.forbid(),
  'alice approves': (story) => story.decide('alice'),
  'bob approves': (story) => story.decide('bob'),
  'bob denies': (story) => story.decide('bob', 'deny'),
  escalates: (story) => story.escalate(),
  expires: (story) => story.expire(),
  'is undeliverable': (story) => story.expire('undeliverable'),
  'is cancelled': (story) => story.cancel(),
  'is claimed': (story) => story.claim(),
  'is redeemed': (story) => story.redeem(),
  'is reported': (story) => story.report(),
  fails: (story) => story.report('failed'),
  'is revoked': (story) => story.revoke(),
  'its grant expires': (story) => story.expireGrant(),
  'stays unreported': (story) => story.leaveUnreported(),
  'is attempted': (story) => story.refuseDecision({ type: 'User', id: 'carol' }),
  'a minute passes': async (_story, world) => world.clock.advance(60_000),
  'a day passes': async (_story, world) => world.clock.advance(25 * 3_600_000),
};

/** The usual way comes first, so that histories get far; then anything, in any order. */
const USUAL = ['is evaluated', 'alice approves', 'is claimed', 'is redeemed'];
const history = fc.record({
  usual: fc.nat(USUAL.length),
  further: fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 8 }),
});

/** What the list says, told from the folded streams. */
const oracle = async (world: World, { id }: Story) => {
  const request = requestOf(await world.events(streamName('request', id)));
  if (request === undefined) throw new Error('There is no such request.');
  const review = reviewEvents(await world.events(streamName('review', id)));
  const grant = grantEvents(await world.events(streamName('grant', id)));
  const thread = foldThread({ request, review, grant });
  const evaluation = thread.review.status === 'unevaluated' ? undefined : thread.review.evaluation;
  const environment = evaluation?.catalogue['environment'];
  return {
    id,
    status: statusOf(thread),
    requester: 'Agent::"etl-bot"',
    action: 'data.export',
    resource: 'Dataset/customers',
    ...(environment !== undefined && { environment }),
    policies: (evaluation?.policies ?? []).map((policy) => policy.id),
    approvers: (recordOf(thread.review)?.decisions ?? []).map(({ approver }) => approver),
    digest: request.digest,
    requestedAt: request.requestedAt,
  };
};

describe('the projection', () => {
  it.each<[string, readonly string[]]>([
    ['received', []],
    ['pending', ['is evaluated']],
    ['approved', ['is evaluated', 'alice approves']],
    ['denied', ['is evaluated', 'bob denies']],
    ['expired', ['is evaluated', 'a day passes', 'expires']],
    ['undeliverable', ['is evaluated', 'a day passes', 'is undeliverable']],
    ['cancelled', ['is evaluated', 'is cancelled']],
    ['redeemed', USUAL],
    ['succeeded', [...USUAL, 'is reported']],
    ['failed', [...USUAL, 'fails']],
    ['unreported', [...USUAL, 'a day passes', 'stays unreported']],
    ['failed', [...USUAL, 'a day passes', 'stays unreported', 'fails']],
    ['revoked', ['is permitted at once', 'is revoked']],
    ['grant_expired', ['is permitted at once', 'a day passes', 'its grant expires']],
  ])('says %s of a request that %j', async (status, steps) => {
    const world = await World.acme();
    const audit = auditOver(world);
    const story = await Story.begin(world, 1);
    for (const step of steps) await STEPS[step]?.(story, world);
    await audit.settled();
    const { requests } = await audit.listRequests.list(await dave(world), { limit: 1 });
    expect(requests).toEqual([await oracle(world, story)]);
    expect(requests).toMatchObject([{ status }]);
  });

  it('says of any history what folding its streams says, and what a rebuild says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(history, { minLength: 1, maxLength: 4 }), async (histories) => {
        const world = await World.acme();
        const audit = auditOver(world);
        const stories: Story[] = [];
        for (const [nth, { usual, further }] of histories.entries()) {
          const story = await Story.begin(world, nth);
          stories.unshift(story);
          for (const step of [...USUAL.slice(0, usual), ...further]) await STEPS[step]?.(story, world);
        }
        await audit.settled();
        const auditor = await dave(world);
        const { requests } = await audit.listRequests.list(auditor, { limit: 50 });
        expect(requests).toEqual(await Promise.all(stories.map((story) => oracle(world, story))));
        expect(await audit.rebuildProjection.rebuild(auditor)).toMatchObject({
          equal: true,
          replaced: false,
          requests: histories.length,
        });
        await audit.projection.stop();
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('lists a request whose event is not what it promises, with what could be read of it', async () => {
    const world = await World.acme();
    const audit = auditOver(world);
    const story = await Story.begin(world, 1);
    const append = (nth: string, data: object) =>
      world
        .writer('intake')
        .append(streamName('request', nth), 'no-stream', [{ type: 'ActionRequested', data }], {
          actor: { type: 'Agent', id: 'etl-bot', via: { channel: 'api' } },
          correlationId: nth,
        });
    await append('odd', { subject: 'nobody', action: { name: 7 }, requestedAt: 7 });
    await audit.settled();
    const { requests } = await audit.listRequests.list(await dave(world), { limit: 50 });
    expect(requests.map(({ id, action, status }) => ({ id, action, status }))).toEqual([
      { id: 'odd', action: '', status: 'received' },
      { id: story.id, action: 'data.export', status: 'received' },
    ]);
  });
});

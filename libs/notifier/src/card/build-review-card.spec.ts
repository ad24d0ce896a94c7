import { RequestStory, World, type StoryOptions } from '@countersign/service-testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildReviewCard, cardVersionOf } from './build-review-card.ts';
import type { ReviewCard } from './review-card.ts';

const MINUTE_MS = 60_000;

describe('buildReviewCard', () => {
  let world: World;
  beforeEach(async () => (world = await World.acme()));

  const begin = (options?: StoryOptions) => RequestStory.begin(world, options);
  const cardOf = ({ thread }: RequestStory): ReviewCard => {
    const card = buildReviewCard(thread, { isDevelopment: false });
    if (card === undefined) throw new Error('Nobody was asked.');
    return card;
  };

  it('is none where policy settled the request alone', async () => {
    const story = await begin({ obligations: { groups: [] } });
    expect(buildReviewCard(story.thread, { isDevelopment: false })).toBe(undefined);
  });

  it('holds the link that it is given, and none besides', async () => {
    const { thread } = await begin();
    const link = 'https://console.acme.example/requests/1';
    expect(buildReviewCard(thread, { isDevelopment: false, link })).toMatchObject({ link });
    expect(buildReviewCard(thread, { isDevelopment: false })).not.toHaveProperty('link');
  });

  it('holds every member of the action, each once', async () => {
    const context = {
      justification: 'Quarterly report',
      impact: 'none',
      destination: 's3://reports',
      command: ['pg_dump', '--table=customers'],
      executor: { type: 'Service', id: 'db-gateway' },
      labels: { ticket: 'OPS-1' },
      rows: 500,
      __note: 'kept',
    };
    const resource = { type: 'Dataset', id: 'customers', properties: { size: 7 } };
    const story = await begin({
      body: { action: { name: 'data.export', properties: { format: 'csv' } }, resource, context },
    });
    const card = cardOf(story);
    expect(card).toMatchObject({
      action: { name: 'data.export', properties: { format: 'csv' } },
      resource: { type: 'Dataset', id: 'customers' },
      resourceProperties: { size: 7 },
      redeemer: { type: 'Service', id: 'db-gateway' },
      enforcement: 'guarded',
    });
    const { justification, impact, destination, command, details } = card;
    expect({ justification, impact, destination, command, ...details }).toEqual(context);
  });

  it('separates the verified initiator from what the requester says of itself', async () => {
    const subject = { type: 'Agent', id: 'etl-bot', properties: { initiator: 'dave', model: 'x-1' } };
    const card = cardOf(await begin({ subject }));
    expect(card.initiator).toBe('dave');
    expect(card.requesterProperties).toEqual({ model: 'x-1' });
    expect(card.owner).toEqual({ type: 'User', id: 'carol' });
  });

  it.each([
    ['context.rows', { value: 500 }],
    ['context.missing', {}],
    ['context.toString', {}],
    ['context.meta.size', { value: 3 }],
    ['context.dotted.name', { value: 'said' }],
    ['context.nothing', { value: null }],
    ['action.properties.format', { value: 'csv' }],
    ['resource.properties.size', {}],
    ['subject.properties.model', {}],
  ])('shows what the requester said of %s, or that it said nothing', async (path, said) => {
    const story = await begin({
      body: {
        action: { name: 'data.export', properties: { format: 'csv' } },
        resource: { type: 'Dataset', id: 'customers' },
        context: {
          justification: 'x',
          rows: 500,
          meta: { size: 3 },
          'dotted.name': 'said',
          nothing: null,
        },
      },
      evaluation: { claims: [path] },
    });
    expect(cardOf(story).claimsRead).toEqual([{ path, ...said }]);
  });

  it('tells who has decided and who is still needed', async () => {
    const story = await begin({ obligations: { groups: [{ group: 'data-owners', quorum: 2 }] } });
    await story.approve('alice', 'Fine by me.');
    expect(cardOf(story)).toMatchObject({
      status: 'pending',
      decisions: [{ approver: 'alice', decision: 'approve', reason: 'Fine by me.' }],
      vacant: ['data-owners'],
    });
    await story.approve('bob');
    expect(cardOf(story)).toMatchObject({ status: 'approved', vacant: [], outcome: { by: 'alice, bob' } });
  });

  it('names the alternatives once the review has escalated', async () => {
    const escalation = { afterMs: 5 * MINUTE_MS, to: ['platform'] };
    const story = await begin({ obligations: { groups: [{ group: 'data-owners', quorum: 1, escalation }] } });
    expect(cardOf(story).requirements).toMatchObject([{ group: 'data-owners', alternatives: [] }]);
    world.clock.advance(5 * MINUTE_MS);
    await story.escalate();
    expect(cardOf(story).requirements).toMatchObject([{ group: 'data-owners', alternatives: ['platform'] }]);
  });

  type Steps = readonly ((story: RequestStory) => Promise<boolean>)[];
  const approve: Steps = [(story) => story.approve('alice')];
  const redeem: Steps = [...approve, (story) => story.claim(), (story) => story.redeem()];
  it.each<[string, Steps, object]>([
    ['denied', [(story) => story.deny('bob', 'Too much.')], { by: 'bob', detail: 'Too much.' }],
    ['undeliverable', [(story) => story.expire('undeliverable')], { cause: 'undeliverable' }],
    ['cancelled', [(story) => story.cancel()], { by: 'Agent::"etl-bot"' }],
    ['approved', approve, { by: 'alice', useBefore: '2026-11-20T10:05:00.000Z' }],
    ['revoked', [...approve, (story) => story.revoke()], { by: 'User::"carol"', cause: 'revoked' }],
    ['redeemed', redeem, { by: 'Agent::"etl-bot"' }],
    ['failed', [...redeem, (story) => story.report('failed', 3)], { exitCode: 3 }],
    ['unreported', [...redeem, (story) => story.markUnreported()], {}],
  ])('says how a request came to be %s', async (status, steps, outcome) => {
    const story = await begin();
    if (status === 'undeliverable') world.clock.advance(15 * MINUTE_MS);
    for (const step of steps) {
      if (status === 'unreported' && step === steps.at(-1)) world.clock.advance(24 * 60 * MINUTE_MS);
      expect(await step(story)).toBe(true);
    }
    expect(cardOf(story)).toMatchObject({ status, outcome });
  });

  it('changes its version with everything that it shows, and with nothing else', async () => {
    const story = await begin();
    const shown = new Map<number, string>();
    const show = () => {
      const text = JSON.stringify(cardOf(story));
      expect(shown.get(cardVersionOf(story.thread)) ?? text).toBe(text);
      shown.set(cardVersionOf(story.thread), text);
    };
    show();
    for (const step of [...redeem, (told: RequestStory) => told.report('succeeded')]) {
      await step(story);
      show();
    }
    expect([...shown.keys()]).toEqual([3, 5, 8, 9]);
  });
});

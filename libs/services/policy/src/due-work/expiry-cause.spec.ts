import { beforeEach, describe, expect, it } from 'vitest';
import { EXPORT, PolicyWorld } from '../spec-helpers.ts';

const QUARTER_MS = 15 * 60_000;

describe('a review that ends undecided', () => {
  let world: PolicyWorld;
  let requestId: string;
  beforeEach(async () => {
    world = await PolicyWorld.with();
    requestId = await world.submit(EXPORT);
    await world.replica().ensureEvaluated.ensure(requestId);
  });

  const OF_ATTEMPT = { channel: 'log', attempt: 1, version: 3 };
  const attempted = () => ({
    type: 'NotificationAttempted',
    data: { ...OF_ATTEMPT, requestId, purpose: 'post', attemptedAt: world.clock.now() },
  });
  const ended = (type: string, more: object) => ({ type, data: { ...OF_ATTEMPT, requestId, ...more } });
  const failed = (code: string, more: object = {}) => ended('NotificationFailed', { code, ...more });
  const told = (...events: readonly { readonly type: string; readonly data: object }[]) =>
    world.append('notification', 'delivery', requestId, 'no-stream', ...events);

  const causeAtTheEnd = async (): Promise<unknown> => {
    world.clock.advance(QUARTER_MS);
    await world.replica().ensureReview.ensure(requestId);
    const last = (await world.review(requestId)).at(-1);
    expect(last?.type).toBe('ReviewExpired');
    return last?.data['cause'];
  };

  it('is undeliverable where no channel was ever tried, and may be decided until then', async () => {
    world.clock.advance(QUARTER_MS - 1);
    await world.replica().ensureReview.ensure(requestId);
    expect((await world.reviewTypes(requestId)).at(-1)).toBe('ReviewOpened');
    expect(await causeAtTheEnd()).toBe('undeliverable');
  });

  it.each([
    ['given up', {}],
    ['to be tried again', { retryAt: '2026-11-20T11:00:00.000Z' }],
  ])('is undeliverable where every attempt failed for certain: %s', async (_what, more) => {
    await told(attempted(), failed('channel_unavailable', more));
    expect(await causeAtTheEnd()).toBe('undeliverable');
  });

  it('is a timeout where a card was posted', async () => {
    await told(attempted(), ended('NotificationPosted', { message: 'm', postedAt: world.clock.now() }));
    expect(await causeAtTheEnd()).toBe('timeout');
  });

  it('is a timeout where a card may have been seen', async () => {
    await told(attempted(), failed('delivery_uncertain'));
    expect(await causeAtTheEnd()).toBe('timeout');
  });

  it('is a timeout where an attempt has no end', async () => {
    await told(attempted());
    expect(await causeAtTheEnd()).toBe('timeout');
  });

  it('is a timeout where the record of the delivery can not be trusted, and the alarm is raised', async () => {
    await told(attempted(), failed('channel_refused'));
    await world.forge(`delivery-${requestId}`, attempted());
    expect(await causeAtTheEnd()).toBe('timeout');
    expect(world.counts).toContainEqual({ metric: 'alarms', attributes: { code: 'signature_invalid' } });
  });
});

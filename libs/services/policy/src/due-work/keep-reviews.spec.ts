import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lifecycle, SILENT_LOGGER } from '@countersign/service-host';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deciderByToken } from '../decisions/decider.ts';
import { acmeFiles, BULK_EXPORT, EXPORT, person, PolicyWorld, ROTATE, TestBus } from '../spec-helpers.ts';
import { keepReviews } from './keep-reviews.ts';

const MINUTE_MS = 60_000;
const OPENED = ['PolicyEvaluated', 'ReviewOpened'];

const escalating = () =>
  acmeFiles({
    'platform.cedar': (text) =>
      text.replace(
        '@id("rotate-needs-platform")',
        '@id("rotate-needs-platform")\n@expires_in("30m")\n@escalate_after("10m")\n@escalate_to("data-owners")',
      ),
  });

describe('keepReviews', () => {
  let folder: string;
  const running: Lifecycle[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-reviews-'));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((lifecycle) => lifecycle.stop(5_000)));
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  const start = async (world: PolicyWorld, file = 'reviews.db') => {
    const bus = new TestBus();
    const replica = world.replica();
    const lifecycle = new Lifecycle(SILENT_LOGGER);
    const context = {
      ...replica,
      service: 'policy',
      bus,
      lifecycle,
      viewPath: () => join(folder, file),
    } as const;
    const reviews = keepReviews(context, replica.ensureReview);
    await lifecycle.start();
    running.push(lifecycle);
    await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 10_000 });
    return { reviews, bus, replica, lifecycle };
  };

  const stop = async (lifecycle: Lifecycle) => {
    running.splice(running.indexOf(lifecycle), 1);
    expect(await lifecycle.stop(5_000)).toBe(true);
  };

  const eventually = (world: PolicyWorld, id: string, types: readonly string[]) =>
    vi.waitFor(async () => expect(await world.reviewTypes(id)).toEqual(types), { timeout: 10_000 });

  it('evaluates at once when a doorbell rings, doubled ones once', async () => {
    const world = await PolicyWorld.with();
    const { bus } = await start(world);
    const id = await world.submit(EXPORT);
    for (let rings = 0; rings < 3; rings += 1) bus.ringFor(id);
    await eventually(world, id, OPENED);
    bus.ringFor(id);
    bus.ringFor('99999999-9999-4999-8999-999999999999');
    const next = await world.submit(EXPORT);
    bus.ringFor(next);
    await eventually(world, next, OPENED);
    expect(await world.reviewTypes(id)).toEqual(OPENED);
  });

  it('evaluates within two seconds where no doorbell is heard', async () => {
    const world = await PolicyWorld.with();
    const { reviews } = await start(world);
    const id = await world.submit(EXPORT);
    world.clock.advance(2_000);
    await eventually(world, id, OPENED);
    await vi.waitFor(() => expect(reviews.openReviews()).toBe(1), { timeout: 10_000 });
    expect(reviews.due(world.clock.now())).toEqual([]);
  });

  it('evaluates what was asked while nobody ran, and doorbells that come late change nothing', async () => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    world.clock.advance(5_000);
    const { bus } = await start(world);
    await eventually(world, id, OPENED);
    bus.ringFor(id);
    const next = await world.submit(EXPORT);
    bus.ringFor(next);
    await eventually(world, next, OPENED);
    expect(await world.reviewTypes(id)).toEqual(OPENED);
  });

  it('expires a review at its deadline, once, with two replicas looking', async () => {
    const world = await PolicyWorld.with();
    const { bus } = await start(world, 'a.db');
    const { reviews } = await start(world, 'b.db');
    const id = await world.submit(EXPORT);
    bus.ringFor(id);
    await eventually(world, id, OPENED);
    await vi.waitFor(() => expect(reviews.openReviews()).toBe(1), { timeout: 10_000 });
    world.clock.advance(15 * MINUTE_MS - 1);
    expect(reviews.due(world.clock.now())).toEqual([]);
    world.clock.advance(1);
    await eventually(world, id, [...OPENED, 'ReviewExpired']);
    await vi.waitFor(() => expect(reviews.openReviews()).toBe(0), { timeout: 10_000 });
  });

  it('expires after a restart what ran out meanwhile, from the view or without it', async () => {
    const world = await PolicyWorld.with();
    const first = await start(world);
    const [kept, lost] = [await world.submit(EXPORT), await world.submit(BULK_EXPORT)];
    first.bus.ringFor(kept);
    first.bus.ringFor(lost);
    await eventually(world, kept, OPENED);
    await eventually(world, lost, OPENED);
    await stop(first.lifecycle);
    world.clock.advance(16 * MINUTE_MS);
    const second = await start(world);
    await eventually(world, kept, [...OPENED, 'ReviewExpired']);
    await eventually(world, lost, [...OPENED, 'ReviewExpired']);
    await stop(second.lifecycle);
    const { reviews } = await start(world, 'begun-anew.db');
    expect(reviews.openReviews()).toBe(0);
    expect(reviews.due(world.clock.now())).toEqual([]);
  });

  it('escalates in time, so that the alternatives may decide', async () => {
    const world = await PolicyWorld.with(await escalating());
    const { bus, reviews, replica } = await start(world);
    const subject = { type: 'Agent', id: 'deploy-bot', properties: {} };
    const id = await world.submit(ROTATE, subject);
    const decision = {
      requestId: id,
      decision: 'approve' as const,
      reason: 'ok',
      digest: await world.digestOf(id),
    };
    bus.ringFor(id);
    await eventually(world, id, OPENED);
    const alice = deciderByToken(person('alice'));
    await expect(replica.recordDecision.record(decision, alice)).rejects.toMatchObject({
      members: { reason: 'not_in_group' },
    });
    await vi.waitFor(() => expect(reviews.openReviews()).toBe(1), { timeout: 10_000 });
    world.clock.advance(10 * MINUTE_MS);
    await eventually(world, id, [...OPENED, 'ReviewEscalated']);
    await expect(replica.recordDecision.record(decision, alice)).resolves.toMatchObject({
      view: { status: 'approved' },
    });
  });

  it('is held up by no record that can not be trusted, and raises the alarm', async () => {
    const world = await PolicyWorld.with();
    const { bus } = await start(world);
    const forged = await world.submit(EXPORT);
    await world.forge(`review-${forged}`, { type: 'ReviewOpened', data: { requirements: 'none' } });
    world.clock.advance(3_000);
    const id = await world.submit(EXPORT);
    bus.ringFor(id);
    await eventually(world, id, OPENED);
    await vi.waitFor(
      () =>
        expect(world.counts).toContainEqual({ metric: 'alarms', attributes: { code: 'signature_invalid' } }),
      { timeout: 10_000 },
    );
    expect(await world.reviewTypes(forged)).toEqual(['ReviewOpened']);
  });
});

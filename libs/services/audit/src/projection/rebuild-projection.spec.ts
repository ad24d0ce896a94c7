import { World } from '@countersign/service-testing';
import type { Caller } from '@countersign/service-host';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditOver, dave, type Audit } from '../audit-spec-helpers.ts';
import { Story } from '../story-spec-helpers.ts';

let world: World;
let audit: Audit;
let auditor: Caller;

beforeEach(async () => {
  world = await World.acme();
  audit = auditOver(world);
  auditor = await dave(world);
  const story = await Story.begin(world, 1);
  await story.evaluate();
  await story.decide('alice');
  await Story.begin(world, 2);
  await audit.settled();
});

const statuses = async () =>
  (await audit.listRequests.list(auditor, { limit: 10 })).requests.map(({ status }) => status);

describe('a rebuild', () => {
  it('finds the live projection equal, and leaves it in its place', async () => {
    const before = audit.projection.live;
    const rebuilt = await audit.rebuildProjection.rebuild(auditor);
    expect(rebuilt).toMatchObject({ equal: true, replaced: false, requests: 2 });
    expect(rebuilt.digest).toBe(rebuilt.liveDigest);
    expect(rebuilt.events).toBe(audit.projection.live.follower.status().applied);
    expect(audit.projection.live).toBe(before);
  });

  it.each([
    ['changed', "UPDATE fact SET value = 'denied' WHERE value = 'approved'"],
    ['lost at the end', 'DELETE FROM request WHERE seq = 2'],
    ['added', "INSERT INTO fact (request, kind, value) VALUES (2, 'review', 'approved')"],
  ])('finds a row that was %s, and replaces the live projection', async (_what, tampering) => {
    audit.projection.live.view.run(tampering);
    expect(await statuses()).not.toEqual(['received', 'approved']);
    const rebuilt = await audit.rebuildProjection.rebuild(auditor);
    expect(rebuilt).toMatchObject({ equal: false, replaced: true });
    expect(await statuses()).toEqual(['received', 'approved']);
    expect(await audit.rebuildProjection.rebuild(auditor)).toMatchObject({
      equal: true,
      digest: rebuilt.digest,
    });
  });

  it('goes on following the log after it was replaced', async () => {
    audit.projection.live.view.run('DELETE FROM fact');
    await audit.rebuildProjection.rebuild(auditor);
    await Story.begin(world, 3);
    await audit.settled();
    expect(await statuses()).toEqual(['received', 'received', 'approved']);
  });

  it('compares at one event while others are being appended', async () => {
    const rebuilding = audit.rebuildProjection.rebuild(auditor);
    for (let nth = 10; nth < 40; nth += 1) await Story.begin(world, nth);
    expect(await rebuilding).toMatchObject({ equal: true });
  });

  it('runs once where two ask at a time', async () => {
    const [first, second] = await Promise.all([
      audit.rebuildProjection.rebuild(auditor),
      audit.rebuildProjection.rebuild(auditor),
    ]);
    expect(second).toEqual(first);
  });

  it('takes the place of a projection that had stopped', async () => {
    audit.projection.live.view.run('DROP TABLE fact');
    const story = await Story.begin(world, 3);
    await story.evaluate();
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = audit.projection.onMovedOn(() => {
      if (audit.projection.live.follower.status().state === 'failed') resolve();
    });
    if (audit.projection.live.follower.status().state !== 'failed') await promise;
    stop();
    expect(await audit.rebuildProjection.rebuild(auditor)).toMatchObject({ replaced: true, equal: false });
    expect(await statuses()).toEqual(['pending', 'received', 'approved']);
  });

  it('is answered where the log can not be replayed, and leaves what there is', async () => {
    const story = await Story.begin(world, 3);
    await story.append('review', [{ type: 'ReviewForgotten', data: {} }]);
    await expect(audit.rebuildProjection.rebuild(auditor)).rejects.toMatchObject({
      code: 'projection_unavailable',
    });
  });

  it('ends with the process, begun or not', async () => {
    const early = await Promise.allSettled([
      audit.rebuildProjection.rebuild(auditor),
      audit.projection.stop(),
    ]);
    const other = auditOver(world);
    await other.settled();
    const rebuilding = other.rebuildProjection.rebuild(auditor);
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    other.projection.onMovedOn(resolve);
    const late = await Promise.allSettled([rebuilding, begun.then(() => other.projection.stop())]);
    expect([early[0], late[0]]).toMatchObject([
      { status: 'rejected', reason: { code: 'shutting_down' } },
      { status: 'rejected', reason: { code: 'shutting_down' } },
    ]);
  });

  it('is for auditors alone', async () => {
    const alice = await world.caller('User::"alice"');
    await expect(audit.rebuildProjection.rebuild(alice)).rejects.toMatchObject({ code: 'not_auditor' });
  });
});

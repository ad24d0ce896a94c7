import { Failpoints, FailpointEventStore, loseAnswer, refuseAppend } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { acmeFiles, EXPORT, PolicyWorld, ROTATE, STAGING_READ } from '../spec-helpers.ts';

describe('EnsureEvaluated', () => {
  it.each([
    ['permits at once what needs nobody', STAGING_READ, ['PolicyEvaluated', 'ReviewApproved']],
    ['opens a review where a person has to decide', EXPORT, ['PolicyEvaluated', 'ReviewOpened']],
    [
      'denies what nothing permits',
      { ...EXPORT, action: { name: 'coffee.brew' } },
      ['PolicyEvaluated', 'ReviewDenied'],
    ],
  ])('%s, in one append', async (_rule, body, types) => {
    const world = await PolicyWorld.with();
    const id = await world.submit(body);
    await world.replica().ensureEvaluated.ensure(id);
    const events = await world.review(id);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(new Set(events.map(({ metadata }) => metadata.signature.value)).size).toBe(1);
  });

  it('denies at once where too few may decide, naming the group', async () => {
    const world = await PolicyWorld.with();
    const bulk = { ...EXPORT, context: { justification: 'all of it' } };
    const id = await world.submit(bulk, { type: 'Agent', id: 'deploy-bot', properties: {} });
    const loaded = await world.replica().ensureEvaluated.ensure(id);
    expect(loaded?.review).toMatchObject({ status: 'denied', denial: { cause: 'no_eligible_quorum' } });
  });

  it('evaluates once, however often and by however many replicas it is asked', async () => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    const replicas = [world.replica(), world.replica()];
    await Promise.all([...replicas, ...replicas].map(({ ensureEvaluated }) => ensureEvaluated.ensure(id)));
    expect(await world.reviewTypes(id)).toEqual(['PolicyEvaluated', 'ReviewOpened']);
  });

  it('lets a doorbell and a command that meet share one evaluation', async () => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    const { ensureEvaluated } = world.replica();
    const [first, second] = await Promise.all([ensureEvaluated.ensure(id), ensureEvaluated.ensure(id)]);
    expect(second).toBe(first);
    await expect(ensureEvaluated.ensure(id)).resolves.not.toBe(first);
  });

  it('knows nothing of a request that does not exist', async () => {
    const world = await PolicyWorld.with();
    expect(await world.replica().ensureEvaluated.ensure('11111111-1111-4111-8111-111111111111')).toBe(
      undefined,
    );
  });

  it('denies nothing while no set is active, and goes on when one is', async () => {
    const world = new PolicyWorld();
    const id = await world.submit(ROTATE);
    const { ensureEvaluated } = world.replica();
    await expect(ensureEvaluated.ensure(id)).rejects.toMatchObject({ code: 'no_policy_set' });
    expect(await world.reviewTypes(id)).toEqual([]);
    await world.activate(await acmeFiles());
    await ensureEvaluated.ensure(id);
    expect(await world.reviewTypes(id)).toEqual(['PolicyEvaluated', 'ReviewOpened']);
  });

  it.each([
    ['whose digest is not that of its action', { digest: 'A'.repeat(43) }, 'malformed_request_event'],
    [
      'whose action was changed',
      { resource: { type: 'Dataset', id: 'staging-1', properties: {} } },
      'malformed_request_event',
    ],
    ['without an action', { action: null }, 'malformed_request_event'],
    ['of another id', { requestId: '22222222-2222-4222-8222-222222222222' }, 'malformed_request_event'],
  ])('never evaluates a request event %s, and raises the alarm', async (_what, change, code) => {
    const world = await PolicyWorld.with();
    const good = await world.submit(EXPORT);
    const [event] = await world.store.readStream(`request-${good}`);
    const id = '33333333-3333-4333-8333-333333333333';
    const data = { ...event?.data, requestId: id, ...change };
    await world.append('intake', 'request', id, 'no-stream', { type: 'ActionRequested', data });
    await expect(world.replica().ensureEvaluated.ensure(id)).rejects.toMatchObject({ code });
    expect(await world.reviewTypes(id)).toEqual([]);
    expect(world.counts).toContainEqual({ metric: 'alarms', attributes: { code } });
  });

  it('never evaluates an event of a type it does not know', async () => {
    const world = await PolicyWorld.with();
    const id = '33333333-3333-4333-8333-333333333333';
    await world.append('intake', 'request', id, 'no-stream', { type: 'ActionRequestedAnew', data: {} });
    await expect(world.replica().ensureEvaluated.ensure(id)).rejects.toMatchObject({
      code: 'unknown_event_type',
    });
  });

  it('never evaluates a review stream that somebody else began', async () => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    await world.forge(`review-${id}`, { type: 'ReviewApproved', data: { requestId: id } });
    await expect(world.replica().ensureEvaluated.ensure(id)).rejects.toMatchObject({
      code: 'signature_invalid',
    });
    expect(await world.reviewTypes(id)).toEqual(['ReviewApproved']);
    expect(world.counts).toContainEqual({ metric: 'alarms', attributes: { code: 'signature_invalid' } });
  });

  it('appends once where the answer of the store is lost', async () => {
    const world = await PolicyWorld.with();
    const failpoints = new Failpoints();
    failpoints.arm('after-append', loseAnswer);
    const id = await world.submit(EXPORT);
    await world.replica(new FailpointEventStore(world.store, failpoints)).ensureEvaluated.ensure(id);
    expect(await world.reviewTypes(id)).toEqual(['PolicyEvaluated', 'ReviewOpened']);
  });

  it('says so where the store can not append, and leaves the request due', async () => {
    const world = await PolicyWorld.with();
    const failpoints = new Failpoints();
    failpoints.arm('before-append', refuseAppend);
    const id = await world.submit(EXPORT);
    const { ensureEvaluated } = world.replica(new FailpointEventStore(world.store, failpoints));
    await expect(ensureEvaluated.ensure(id)).rejects.toMatchObject({ code: 'store_unavailable' });
    await ensureEvaluated.ensure(id);
    expect(await world.reviewTypes(id)).toEqual(['PolicyEvaluated', 'ReviewOpened']);
  });
});

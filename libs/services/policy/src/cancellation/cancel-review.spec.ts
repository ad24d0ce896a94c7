import { describe, expect, it } from 'vitest';
import { deciderByToken } from '../decisions/decider.ts';
import { agent, EXPORT, person, PolicyWorld, ROTATE, STAGING_READ } from '../spec-helpers.ts';

describe('CancelReview', () => {
  it.each([
    ['the requester', agent('etl-bot')],
    ['the owner', person('carol')],
  ])('takes a request back for %s, a repeat too, before anybody evaluated it', async (_who, by) => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    const { cancelReview } = world.replica();
    await expect(cancelReview.cancel(id, by)).resolves.toEqual({ result: 'cancelled' });
    await expect(cancelReview.cancel(id, by)).resolves.toEqual({ result: 'cancelled' });
    expect(await world.reviewTypes(id)).toEqual(['PolicyEvaluated', 'ReviewOpened', 'ReviewCancelled']);
  });

  it('takes a request of a group back for its persons', async () => {
    const world = await PolicyWorld.with();
    const subject = { type: 'Pipeline', id: 'release', properties: { initiator: 'carol' } };
    const id = await world.submit(ROTATE, subject);
    await expect(world.replica().cancelReview.cancel(id, person('bob'))).resolves.toEqual({
      result: 'cancelled',
    });
  });

  it.each([
    ['another requester', agent('deploy-bot')],
    ['an approver who owns nothing', person('alice')],
    ['an auditor', person('dave')],
  ])('knows nothing of it for %s', async (_who, by) => {
    const world = await PolicyWorld.with();
    const id = await world.submit(EXPORT);
    await expect(world.replica().cancelReview.cancel(id, by)).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.reviewTypes(id)).not.toContain('ReviewCancelled');
  });

  it('says that it is approved, by policy alone or by persons: then the grant is to be revoked', async () => {
    const world = await PolicyWorld.with();
    const replica = world.replica();
    const byPolicy = await world.submit(STAGING_READ);
    await expect(replica.cancelReview.cancel(byPolicy, agent('etl-bot'))).resolves.toEqual({
      result: 'approved',
    });
    const byPerson = await world.submit(EXPORT);
    const digest = await world.digestOf(byPerson);
    await replica.recordDecision.record(
      { requestId: byPerson, decision: 'approve', reason: 'ok', digest },
      deciderByToken(person('alice')),
    );
    await expect(replica.cancelReview.cancel(byPerson, agent('etl-bot'))).resolves.toEqual({
      result: 'approved',
    });
  });

  it('refuses where it ended otherwise', async () => {
    const world = await PolicyWorld.with();
    const id = await world.submit({ ...EXPORT, action: { name: 'coffee.brew' } });
    await expect(world.replica().cancelReview.cancel(id, agent('etl-bot'))).rejects.toMatchObject({
      code: 'review_closed',
      members: { reason: 'denied' },
    });
  });

  it('knows nothing of a request that does not exist', async () => {
    const world = await PolicyWorld.with();
    await expect(
      world.replica().cancelReview.cancel('11111111-1111-4111-8111-111111111111', person('carol')),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

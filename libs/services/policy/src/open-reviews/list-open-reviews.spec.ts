import { reviewsPage, reviewsQuery, type ReviewsQuery } from '@countersign/contracts';
import { Follower, View } from '@countersign/follower';
import type { Caller } from '@countersign/service-host';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deciderByToken } from '../decisions/decider.ts';
import { REVIEWS_PROJECTION } from '../due-work/reviews-projection.ts';
import { ReviewsView } from '../due-work/reviews-view.ts';
import { acmeFiles, agent, BULK_EXPORT, EXPORT, person, PolicyWorld, ROTATE } from '../spec-helpers.ts';
import { ListOpenReviews } from './list-open-reviews.ts';

const setUp = async () => {
  const world = await PolicyWorld.with();
  const replica = world.replica();
  const submit = async (...given: Parameters<PolicyWorld['submit']>) => {
    const id = await world.submit(...given);
    await replica.ensureEvaluated.ensure(id);
    world.clock.advance(1_000);
    return id;
  };
  /** Through a view that has seen everything up to now. */
  const list = async (by: Caller, query: Partial<ReviewsQuery> = {}) => {
    const view = new View(':memory:', REVIEWS_PROJECTION);
    const follower = new Follower({ store: world.store, projection: REVIEWS_PROJECTION, view });
    onTestFinished(() => follower.stop());
    follower.start();
    await follower.caughtUp;
    const listing = new ListOpenReviews({ ...replica, reviews: new ReviewsView(view) });
    return listing.list(by, reviewsQuery.parse(query));
  };
  const ids = async (by: Caller, query?: Partial<ReviewsQuery>) =>
    (await list(by, query)).reviews.map(({ id }) => id);
  return { world, replica, submit, list, ids };
};

describe('ListOpenReviews', () => {
  it('lists what this person may decide, the latest deadline first, as the requests are shown', async () => {
    const { submit, list, ids } = await setUp();
    const one = await submit(EXPORT);
    const two = await submit(BULK_EXPORT);
    expect(await ids(person('alice'))).toEqual([two, one]);
    const page = reviewsPage.parse(await list(person('alice')));
    expect(page.reviews[0]).toMatchObject({ status: 'pending', review: { state: 'open', risk: 'high' } });
  });

  it.each([
    ['the owner', person('carol')],
    ['somebody of no required group', person('dave')],
    ['automata', agent('etl-bot')],
  ])('lists nothing for %s', async (_who, by) => {
    const { submit, ids } = await setUp();
    await submit(ROTATE);
    await submit(EXPORT);
    expect(await ids(by)).toEqual([]);
  });

  it('leaves out what the person has decided, started, or what has ended', async () => {
    const { world, replica, submit, ids } = await setUp();
    const decided = await submit(BULK_EXPORT);
    await submit(ROTATE, { type: 'Pipeline', id: 'release', properties: { initiator: 'bob' } });
    const digest = await world.digestOf(decided);
    const decision = { requestId: decided, decision: 'approve' as const, reason: 'ok', digest };
    await replica.recordDecision.record(decision, deciderByToken(person('bob')));
    expect(await ids(person('bob'))).toEqual([]);
    expect(await ids(person('alice'))).toEqual([decided]);
    world.clock.advance(15 * 60_000);
    expect(await ids(person('alice'))).toEqual([]);
  });

  it('asks the directory of now', async () => {
    const { world, submit, ids } = await setUp();
    await submit(EXPORT);
    const files = await acmeFiles({ 'directory.yaml': (text) => text.replace('[alice, bob]', '[bob]') });
    await world.activate(files);
    expect(await ids(person('alice'))).toEqual([]);
  });

  it('pages through all of them, none twice', async () => {
    const { submit, list } = await setUp();
    const all = [await submit(EXPORT), await submit(EXPORT), await submit(EXPORT)];
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(person('alice'), { limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.reviews.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(all.toReversed());
  });

  it.each(['x', 'bnVsbA', Buffer.from('["a"]').toString('base64url')])(
    'refuses the cursor "%s"',
    async (cursor) => {
      const { list } = await setUp();
      await expect(list(person('alice'), { cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );

  it('leaves out a review whose record is forged', async () => {
    const { world, submit, ids } = await setUp();
    const forged = await submit(EXPORT);
    const good = await submit(EXPORT);
    await world.forge(`review-${forged}`, { type: 'ReviewEscalated', data: { requestId: forged } });
    expect(await ids(person('alice'))).toEqual([good]);
  });
});

import { FailpointEventStore, Failpoints, holdOpen, loseAnswer, refuseAppend } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { codeOf } from '@countersign/kernel';
import type { Caller } from '@countersign/service-host';
import { GrantWorld, MINUTE_MS, type Replica } from '../spec-helpers.ts';

const ENDS = ['GrantRedeemed', 'GrantRevoked', 'GrantExpired'];

let world: GrantWorld;
let etlBot: Caller;
let alice: Caller;

beforeEach(async () => {
  world = await GrantWorld.acme();
  etlBot = await world.caller('Agent::"etl-bot"');
  alice = await world.caller('User::"alice"');
});

const claimed = async (redemptionId?: string) => {
  const id = await world.approved();
  const { view } = await world.replica().claimGrant.claim(id, etlBot);
  return { id, body: await world.redemption(id, view.token, redemptionId) };
};

const endsOf = async (id: string) => (await world.types('grant', id)).filter((type) => ENDS.includes(type));

const gist = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'done',
    (error: unknown) => codeOf(error),
  );

const revoke = ({ revokeGrant }: Replica, id: string) =>
  gist(revokeGrant.revoke({ requestId: id, cause: 'revoked', reason: 'stop' }, alice));

describe('races for one grant', () => {
  it('200 redemptions at once are one redemption', async () => {
    const { id, body } = await claimed();
    const replicas = [world.replica(), world.replica(), world.replica(), world.replica()];
    const attempts = Array.from({ length: 50 }, () => replicas).flat();
    const results = await Promise.all(attempts.map((replica) => gist(replica.redeem(etlBot, body))));
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(new Set(results)).toEqual(new Set(['done', 'already_redeemed']));
    expect(await endsOf(id)).toEqual(['GrantRedeemed']);
  });

  it('a redemption sent twice at once with one redemption id is one redemption with two equal answers', async () => {
    const { id, body } = await claimed('once');
    const answers = await Promise.all([
      world.replica().redeem(etlBot, body),
      world.replica().redeem(etlBot, body),
    ]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await endsOf(id)).toEqual(['GrantRedeemed']);
  });

  it('a revocation that lands while policy is asked wins, and nothing runs', async () => {
    const { id, body } = await claimed();
    const held = holdOpen();
    const { answer } = world.policy;
    world.policy.answer = async () => {
      await held.action();
      return answer();
    };
    const redemption = gist(world.replica().redeem(etlBot, body));
    await held.reached;
    expect(await revoke(world.replica(), id)).toBe('done');
    held.release();
    expect(await redemption).toBe('grant_revoked');
    expect(await endsOf(id)).toEqual(['GrantRevoked']);
  });

  it('a revocation that was decided before a redemption landed is decided again, and comes too late', async () => {
    const { id, body } = await claimed();
    const failpoints = new Failpoints();
    const held = holdOpen();
    failpoints.arm('before-append', held.action);
    const slow = world.replica(new FailpointEventStore(world.world.store, failpoints));
    const revocation = revoke(slow, id);
    await held.reached;
    expect(await gist(world.replica().redeem(etlBot, body))).toBe('done');
    held.release();
    expect(await revocation).toBe('already_redeemed');
    expect(await endsOf(id)).toEqual(['GrantRedeemed']);
  });

  it('revocation and redemption by two replicas at once are never both', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id, body } = await claimed();
      const [a, b] = [world.replica(), world.replica()];
      const redeem = () => gist(a.redeem(etlBot, body));
      const steps = round % 2 === 0 ? [redeem, () => revoke(b, id)] : [() => revoke(b, id), redeem];
      const results = await Promise.all(steps.map((step) => step()));
      expect(results.filter((result) => result === 'done')).toHaveLength(1);
      expect(await endsOf(id)).toHaveLength(1);
    }
  });

  it('an expiry that meets a redemption in flight lets one of them be', async () => {
    const { id, body } = await claimed();
    const failpoints = new Failpoints();
    const held = holdOpen();
    failpoints.arm('before-append', held.action, { when: (subject) => subject.includes('GrantRedeemed') });
    const slow = world.replica(new FailpointEventStore(world.world.store, failpoints));
    const redemption = gist(slow.redeem(etlBot, body));
    await held.reached;
    world.clock.advance(5 * MINUTE_MS);
    await world.replica().endGrant.ensure(id);
    held.release();
    expect(await redemption).toBe('grant_expired');
    expect(await endsOf(id)).toEqual(['GrantExpired']);
  });
});

describe('a store that fails a redemption', () => {
  const failing = (arm: (failpoints: Failpoints) => void) => {
    const failpoints = new Failpoints();
    arm(failpoints);
    return world.replica(new FailpointEventStore(world.world.store, failpoints));
  };

  it('whose one answer was lost has redeemed once, and says so', async () => {
    const { id, body } = await claimed();
    const replica = failing((failpoints) => failpoints.arm('after-append', loseAnswer));
    expect(await gist(replica.redeem(etlBot, body))).toBe('done');
    expect(await endsOf(id)).toEqual(['GrantRedeemed']);
  });

  it('that stays silent gives no authority; the redemption id then finds the redemption', async () => {
    const { id, body } = await claimed('once');
    const replica = failing((failpoints) => failpoints.arm('after-append', loseAnswer, { times: 3 }));
    expect(await gist(replica.redeem(etlBot, body))).toBe('append_uncertain');
    expect(await gist(world.replica().redeem(etlBot, body))).toBe('done');
    expect(await endsOf(id)).toEqual(['GrantRedeemed']);
  });

  it('that refuses the append gives no authority, and the grant is still there', async () => {
    const { id, body } = await claimed();
    const replica = failing((failpoints) => failpoints.arm('before-append', refuseAppend));
    expect(await gist(replica.redeem(etlBot, body))).toBe('store_unavailable');
    expect(await endsOf(id)).toEqual([]);
    expect(await gist(replica.redeem(etlBot, body))).toBe('done');
  });
});

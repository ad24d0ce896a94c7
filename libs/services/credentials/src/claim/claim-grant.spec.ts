import { plusMs, type Json } from '@countersign/kernel';
import { FailpointEventStore, Failpoints, loseAnswer } from '@countersign/testing';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DAY_MS, GrantWorld, GUARDED, MINUTE_MS, UNKNOWN_ID } from '../spec-helpers.ts';

const setUp = async () => {
  const world = await GrantWorld.acme();
  const replica = world.replica();
  const etlBot = await world.caller('Agent::"etl-bot"');
  return { world, replica, etlBot, claim: (id: string) => replica.claimGrant.claim(id, etlBot) };
};

describe('claiming a grant', () => {
  it('opens it and issues its one token in one append, and hands the token out', async () => {
    const { world, claim } = await setUp();
    const id = await world.approved(GUARDED);
    const { digest } = await world.request(id);
    const { isNew, view } = await claim(id);
    expect(isNew).toBe(true);
    expect(view).toMatchObject({ grantId: id, expiresAt: '2026-11-20T10:05:00.000Z' });
    expect(decodeJwt(view.token)).toMatchObject({
      gid: id,
      rid: id,
      dig: digest,
      sub: 'Service::"db-gateway"',
    });
    const events = await world.events('grant', id);
    expect(events.map(({ type }) => type)).toEqual(['GrantOpened', 'TokenIssued']);
    expect(events[0]?.metadata.signature).toMatchObject({ first: 0, count: 2 });
    expect(events[0]?.data).toMatchObject({ digest, enforcement: 'guarded', approvers: ['alice'] });
    expect(JSON.stringify(events)).not.toContain(view.token);
  });

  it('of an approval that bears a time ahead of the log, gives it no longer a life than from its commit', async () => {
    const { world, claim } = await setUp();
    const [id, model] = [await world.open(), await world.approved()];
    const later = (time: Json | undefined): string => plusMs(z.string().parse(time), 10 * MINUTE_MS);
    const [decided, approved] = (await world.events('review', model)).slice(-2).map(({ data }) => data);
    const { approvedAt, grantExpiresAt } = approved ?? {};
    const told = [
      {
        type: 'DecisionRecorded',
        data: { ...decided, requestId: id, decidedAt: later(decided?.['decidedAt']) },
      },
      {
        type: 'ReviewApproved',
        data: {
          ...approved,
          requestId: id,
          approvedAt: later(approvedAt),
          grantExpiresAt: later(grantExpiresAt),
        },
      },
    ];
    await world.append('policy', 'review', id, ...told);
    expect((await claim(id)).view).toMatchObject({ expiresAt: '2026-11-20T10:05:00.000Z' });
  });

  it('again gives the same claims, signed again, and appends nothing', async () => {
    const { world, claim } = await setUp();
    const id = await world.approved();
    const first = await claim(id);
    world.clock.advance(MINUTE_MS);
    const second = await claim(id);
    expect(second.isNew).toBe(false);
    expect(decodeJwt(second.view.token)).toEqual(decodeJwt(first.view.token));
    expect(await world.types('grant', id)).toHaveLength(2);
  });

  it('by two replicas at once is one grant with one token', async () => {
    const { world, etlBot } = await setUp();
    const id = await world.approved();
    const replicas = [world.replica(), world.replica(), world.replica()];
    const claimed = await Promise.all(replicas.map(({ claimGrant }) => claimGrant.claim(id, etlBot)));
    expect(claimed.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(claimed.map(({ view }) => decodeJwt(view.token).jti)).size).toBe(1);
    expect(await world.types('grant', id)).toHaveLength(2);
  });

  it('is the requester’s only as it asked: acting for somebody else, it is refused', async () => {
    const { world, replica } = await setUp();
    const id = await world.approved();
    const forCarol = await world.caller('Agent::"etl-bot"', 'User::"carol"');
    await expect(replica.claimGrant.claim(id, forCarol)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await world.types('grant', id)).toEqual([]);
  });

  it('whose answer was lost is answered by what stands', async () => {
    const { world, etlBot } = await setUp();
    const id = await world.approved();
    const failpoints = new Failpoints();
    const { claimGrant } = world.replica(new FailpointEventStore(world.world.store, failpoints));
    failpoints.arm('after-append', loseAnswer, { times: 3 });
    await expect(claimGrant.claim(id, etlBot)).rejects.toMatchObject({ code: 'append_uncertain' });
    await expect(claimGrant.claim(id, etlBot)).resolves.toMatchObject({ isNew: false });
    expect(await world.types('grant', id)).toHaveLength(2);
  });

  it('is not for an approval that is not there yet, or never will be', async () => {
    const { world, claim } = await setUp();
    const received = await world.submit();
    const pending = await world.open();
    const denied = await world.open();
    await world.decide(denied, 'alice', 'deny');
    const cancelled = await world.open();
    await world.cancel(cancelled);
    for (const [id, reason] of [
      [received, 'received'],
      [pending, 'pending'],
      [denied, 'denied'],
      [cancelled, 'cancelled'],
    ] as const) {
      await expect(claim(id)).rejects.toMatchObject({ code: 'not_approved', members: { reason } });
      expect(await world.types('grant', id)).toEqual([]);
    }
  });

  it('waits for the whole quorum', async () => {
    const { world, claim } = await setUp();
    const two = { groups: [{ group: 'data-owners', quorum: 2 }] };
    const id = await world.approved(undefined, two, ['alice']);
    await expect(claim(id)).rejects.toMatchObject({ code: 'not_approved' });
    await world.decide(id, 'bob', 'approve');
    await expect(claim(id)).resolves.toMatchObject({ isNew: true });
  });

  it('is open to what policy permits without a review', async () => {
    const { world, claim } = await setUp();
    const id = await world.approved(undefined, { groups: [] }, []);
    await expect(claim(id)).resolves.toMatchObject({ isNew: true });
  });

  it.each(['User::"alice"', 'User::"carol"', 'User::"dave"'])(
    'is the requester’s alone: %s, who may read it, is refused',
    async (entity) => {
      const { world, replica } = await setUp();
      const id = await world.approved();
      const caller = await world.caller(entity);
      await expect(replica.claimGrant.claim(id, caller)).rejects.toMatchObject({ code: 'forbidden' });
      expect(await world.types('grant', id)).toEqual([]);
    },
  );

  it.each(['Agent::"deploy-bot"', 'Service::"db-gateway"'])(
    'does not exist for %s, who may not read it',
    async (entity) => {
      const { world, replica, etlBot } = await setUp();
      const id = await world.approved(GUARDED);
      const caller = await world.caller(entity);
      const unknown = await replica.claimGrant.claim(UNKNOWN_ID, etlBot).catch((error: unknown) => error);
      await expect(replica.claimGrant.claim(id, caller)).rejects.toEqual(unknown);
      expect(unknown).toMatchObject({ code: 'not_found' });
    },
  );

  it('comes too late from the deadline on, and the grant has then expired', async () => {
    const { world, claim } = await setUp();
    const id = await world.approved();
    world.clock.advance(5 * MINUTE_MS - 1);
    await expect(claim(id)).resolves.toMatchObject({ isNew: true });
    const late = await world.approved();
    world.clock.advance(5 * MINUTE_MS);
    await expect(claim(id)).rejects.toMatchObject({ code: 'grant_expired' });
    await expect(claim(late)).rejects.toMatchObject({ code: 'grant_expired' });
    expect(await world.types('grant', id)).toEqual(['GrantOpened', 'TokenIssued', 'GrantExpired']);
    expect(await world.types('grant', late)).toEqual(['GrantOpened', 'GrantExpired']);
    world.clock.advance(DAY_MS);
    await expect(claim(late)).rejects.toMatchObject({ code: 'grant_expired' });
    expect(await world.types('grant', late)).toHaveLength(2);
  });

  it('says of a revoked grant why it was taken back', async () => {
    const { world, replica, claim } = await setUp();
    const id = await world.approved();
    const alice = await world.caller('User::"alice"');
    await replica.revokeGrant.revoke({ requestId: id, cause: 'revoked', reason: 'wrong table' }, alice);
    await expect(claim(id)).rejects.toMatchObject({
      code: 'grant_revoked',
      members: { reason: 'revoked', reasonDetail: 'wrong table' },
    });
  });
});

import { codeOf } from '@countersign/kernel';
import type { OutcomeBody } from '@countersign/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, GrantWorld, GUARDED, UNKNOWN_ID, type Replica } from '../spec-helpers.ts';

const OUTPUT = 'A'.repeat(43);

let world: GrantWorld;
let replica: Replica;

beforeEach(async () => {
  world = await GrantWorld.acme();
  replica = world.replica();
});

const claimed = async () => {
  const id = await world.approved(GUARDED);
  const { view } = await replica.claimGrant.claim(id, await world.caller('Agent::"etl-bot"'));
  return { id, body: await world.redemption(id, view.token) };
};

const redeemed = async () => {
  const { id, body } = await claimed();
  await replica.redeem(await world.caller('Service::"db-gateway"'), body);
  return id;
};

const report = async (id: string, body: OutcomeBody, entity = 'Service::"db-gateway"') =>
  replica.reportOutcome.report(id, body, await world.caller(entity));

const gist = async (id: string, entity?: string) =>
  report(id, { status: 'succeeded' }, entity).then(
    () => 'reported',
    (error: unknown) => codeOf(error),
  );

describe('reporting an outcome', () => {
  it('is recorded once, and answered alike again', async () => {
    const id = await redeemed();
    const outcome: OutcomeBody = {
      status: 'succeeded',
      exitCode: 0,
      summary: '500 rows',
      outputDigest: OUTPUT,
    };
    const first = await report(id, outcome);
    expect(first).toEqual({
      isNew: true,
      view: { ...outcome, grantId: id, late: false, reportedAt: '2026-11-20T10:00:00.000Z' },
    });
    world.clock.advance(1_000);
    expect(await report(id, outcome)).toEqual({ isNew: false, view: first.view });
    expect((await world.types('grant', id)).slice(2)).toEqual(['GrantRedeemed', 'ExecutionReported']);
    expect(world.counted('requests')).toEqual([{ status: 'redeemed' }, { status: 'succeeded' }]);
  });

  it('is not taken back', async () => {
    const id = await redeemed();
    await report(id, { status: 'failed', exitCode: 1 });
    await expect(report(id, { status: 'succeeded' })).rejects.toMatchObject({ code: 'already_reported' });
  });

  it('by two at once is one report', async () => {
    const id = await redeemed();
    const results = await Promise.allSettled([
      report(id, { status: 'succeeded' }),
      report(id, { status: 'failed' }),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.types('grant', id)).toHaveLength(4);
  });

  it('follows once after the day is over, and is marked late', async () => {
    const id = await redeemed();
    world.clock.advance(DAY_MS);
    await replica.endGrant.ensure(id);
    expect((await world.types('grant', id)).at(-1)).toBe('ExecutionUnreported');
    await expect(report(id, { status: 'failed' })).resolves.toMatchObject({
      isNew: true,
      view: { late: true },
    });
    await expect(report(id, { status: 'failed' })).resolves.toMatchObject({
      isNew: false,
      view: { late: true },
    });
    expect(await gist(id)).toBe('already_reported');
  });

  it.each([
    ['the requester', 'Agent::"etl-bot"', 'wrong_executor'],
    ['an approver', 'User::"alice"', 'wrong_executor'],
    ['the owner', 'User::"carol"', 'wrong_executor'],
    ['an auditor', 'User::"dave"', 'wrong_executor'],
    ['another requester', 'Agent::"deploy-bot"', 'not_found'],
  ])('is the redeemer’s alone, not that of %s', async (_who, entity, code) => {
    const id = await redeemed();
    expect(await gist(id, entity)).toBe(code);
    expect(await gist(id)).toBe('reported');
  });

  it('needs a redemption', async () => {
    const { id } = await claimed();
    expect(await gist(id)).toBe('not_redeemed');
    expect(await gist(await world.approved(), 'Agent::"etl-bot"')).toBe('not_redeemed');
    expect(await gist(UNKNOWN_ID)).toBe('not_found');
  });
});

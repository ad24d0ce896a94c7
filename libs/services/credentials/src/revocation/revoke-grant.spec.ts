import { codeOf } from '@countersign/kernel';
import type { Caller } from '@countersign/service-host';
import { beforeEach, describe, expect, it } from 'vitest';
import { EXPORT, GrantWorld, GUARDED, MINUTE_MS, UNKNOWN_ID, type Replica } from '../spec-helpers.ts';
import type { Revocation } from './revoke-grant.ts';

let world: GrantWorld;
let replica: Replica;
let etlBot: Caller;

beforeEach(async () => {
  world = await GrantWorld.acme();
  replica = world.replica();
  etlBot = await world.caller('Agent::"etl-bot"');
});

const revoke = async (id: string, entity: string, cause: Revocation['cause'] = 'revoked') =>
  replica.revokeGrant.revoke({ requestId: id, cause, reason: 'wrong table' }, await world.caller(entity));

const gist = async (id: string, entity: string, cause?: Revocation['cause']) =>
  revoke(id, entity, cause).then(
    () => 'revoked',
    (error: unknown) => codeOf(error),
  );

describe('revoking a grant', () => {
  it('ends it in one event, with who, why and when', async () => {
    const id = await world.approved();
    await replica.claimGrant.claim(id, etlBot);
    await expect(revoke(id, 'User::"alice"')).resolves.toEqual({
      grantId: id,
      revokedAt: '2026-11-20T10:00:00.000Z',
    });
    expect((await world.events('grant', id)).at(-1)).toMatchObject({
      type: 'GrantRevoked',
      data: { cause: 'revoked', by: { type: 'User', id: 'alice' }, reason: 'wrong table' },
      metadata: { actor: { type: 'User', id: 'alice' } },
    });
    expect(world.counted('requests')).toEqual([{ status: 'revoked' }]);
  });

  it('before the claim opens it only to end it', async () => {
    const id = await world.approved();
    await revoke(id, 'User::"alice"');
    expect(await world.types('grant', id)).toEqual(['GrantOpened', 'GrantRevoked']);
    await expect(replica.claimGrant.claim(id, etlBot)).rejects.toMatchObject({ code: 'grant_revoked' });
  });

  it('again, by whomever and for whatever cause, is answered as the first time', async () => {
    const id = await world.approved();
    const first = await revoke(id, 'User::"alice"');
    world.clock.advance(MINUTE_MS);
    expect(await revoke(id, 'User::"alice"')).toEqual(first);
    expect(await revoke(id, 'User::"carol"')).toEqual(first);
    expect(await revoke(id, 'Agent::"etl-bot"', 'cancelled')).toEqual(first);
    expect(await world.types('grant', id)).toHaveLength(2);
  });

  it('comes too late after the redemption, and after the expiry', async () => {
    const id = await world.approved();
    const { view } = await replica.claimGrant.claim(id, etlBot);
    await replica.redeem(etlBot, await world.redemption(id, view.token));
    expect(await gist(id, 'User::"alice"')).toBe('already_redeemed');
    await replica.reportOutcome.report(id, { status: 'failed', exitCode: 1 }, etlBot);
    expect(await gist(id, 'User::"alice"')).toBe('already_redeemed');
    const expired = await world.approved();
    world.clock.advance(5 * MINUTE_MS);
    await replica.endGrant.ensure(expired);
    expect(await gist(expired, 'User::"alice"')).toBe('grant_expired');
  });

  it('has nothing to take back before the approval', async () => {
    const id = await world.open();
    await expect(revoke(id, 'User::"alice"')).rejects.toMatchObject({
      code: 'not_approved',
      members: { reason: 'pending' },
    });
    expect(await world.types('grant', id)).toEqual([]);
  });

  it.each([
    ['the approver who was counted', 'User::"alice"', 'revoked'],
    ['a person who might have decided', 'User::"bob"', 'revoked'],
    ['the owner', 'User::"carol"', 'revoked'],
    ['an auditor: reads, takes nothing back', 'User::"dave"', 'forbidden'],
    ['the requester: cancels instead', 'Agent::"etl-bot"', 'forbidden'],
    ['another requester', 'Agent::"deploy-bot"', 'not_found'],
    ['the executor', 'Service::"db-gateway"', 'not_found'],
  ])('by %s', async (_who, entity, expected) => {
    const id = await world.approved(GUARDED);
    expect(await gist(id, entity)).toBe(expected);
  });

  it.each([
    ['the requester', 'Agent::"etl-bot"', 'revoked'],
    ['the owner', 'User::"carol"', 'revoked'],
    ['the approver: revokes instead', 'User::"alice"', 'forbidden'],
    ['an auditor', 'User::"dave"', 'forbidden'],
    ['another requester', 'Agent::"deploy-bot"', 'not_found'],
  ])('as a cancellation by %s', async (_who, entity, expected) => {
    const id = await world.approved();
    expect(await gist(id, entity, 'cancelled')).toBe(expected);
    const [, end] = await world.events('grant', id);
    expect(end?.data['cause']).toBe(expected === 'revoked' ? 'cancelled' : undefined);
  });

  it('of what policy permitted without a review is the owner’s', async () => {
    const id = await world.approved(EXPORT, { groups: [] }, []);
    expect(await gist(id, 'User::"alice"')).toBe('not_found');
    expect(await gist(id, 'User::"dave"')).toBe('forbidden');
    expect(await gist(id, 'User::"carol"')).toBe('revoked');
  });

  it('of what does not exist is not found', async () => {
    expect(await gist(UNKNOWN_ID, 'User::"alice"')).toBe('not_found');
  });
});

import type { ReviewEvent } from '@countersign/domain-review';
import type { Caller } from '@countersign/service-host';
import { beforeEach, describe, expect, it } from 'vitest';
import { GrantWorld, MINUTE_MS, type Replica } from '../spec-helpers.ts';

let world: GrantWorld;
let replica: Replica;
let etlBot: Caller;
let alice: Caller;

beforeEach(async () => {
  world = await GrantWorld.acme();
  replica = world.replica();
  etlBot = await world.caller('Agent::"etl-bot"');
  alice = await world.caller('User::"alice"');
});

/** What policy would append if alice had approved: taken from a request that she did approve. */
const approvalFor = async (id: string): Promise<readonly ReviewEvent[]> => {
  const model = await world.approved();
  const events = await world.events('review', model);
  return events
    .slice(-2)
    .map(({ type, data }) => ({ type, data: { ...data, requestId: id } }) as unknown as ReviewEvent);
};

const [CLAIM, REVOKE, EXPIRE] = ['claim', 'revoke', 'expire'] as const;

const attempt = (what: typeof CLAIM | typeof REVOKE | typeof EXPIRE, id: string): Promise<unknown> => {
  if (what === CLAIM) return replica.claimGrant.claim(id, etlBot);
  if (what === EXPIRE) return replica.endGrant.ensure(id);
  return replica.revokeGrant.revoke({ requestId: id, cause: 'revoked', reason: 'no' }, alice);
};

const expectOnlyAlarms = async (id: string, grant: readonly string[] = []) => {
  world.clock.advance(60 * MINUTE_MS);
  for (const what of [CLAIM, REVOKE, EXPIRE]) {
    const alarms = world.counted('alarms').length;
    await expect(attempt(what, id)).rejects.toMatchObject({ code: 'approval_not_proven' });
    expect(world.counted('alarms')).toHaveLength(alarms + 1);
  }
  expect(world.errors.map(({ fields }) => fields)).toContainEqual(
    expect.objectContaining({ event: 'countersign.alarm', requestId: id }),
  );
  expect(await world.types('grant', id)).toEqual(grant);
};

describe('a record that somebody with access to the store alone has made', () => {
  it('of a whole approval opens no grant', async () => {
    const id = await world.open();
    await world.forge('policy', 'review', id, ...(await approvalFor(id)));
    await expectOnlyAlarms(id);
  });

  it('of a ReviewApproved alone opens no grant', async () => {
    const id = await world.open();
    const [, approved] = await approvalFor(id);
    await world.forge('policy', 'review', id, ...(approved === undefined ? [] : [approved]));
    await expectOnlyAlarms(id);
  });

  it('of a second decision behind an approval opens no grant', async () => {
    const id = await world.approved();
    await world.forge('policy', 'review', id, ...(await approvalFor(id)).slice(0, 1));
    await expectOnlyAlarms(id);
  });

  it('of a GrantOpened is no grant, and its token no token', async () => {
    const genuine = await world.approved();
    await replica.claimGrant.claim(genuine, etlBot);
    const events = await world.events('grant', genuine);
    const id = await world.open();
    const forged = events.map(({ type, data }) => ({ type, data: { ...data, grantId: id, requestId: id } }));
    await world.forge('credentials', 'grant', id, ...forged);
    await expectOnlyAlarms(id, ['GrantOpened', 'TokenIssued']);
    await expect(replica.reportOutcome.report(id, { status: 'succeeded' }, etlBot)).rejects.toMatchObject({
      code: 'approval_not_proven',
    });
  });

  it('of a redemption is none, and takes the grant along', async () => {
    const id = await world.approved();
    const { view } = await replica.claimGrant.claim(id, etlBot);
    const redeemed = { grantId: id, by: etlBot.principal.ref, redeemedAt: world.clock.now() };
    await world.forge('credentials', 'grant', id, { type: 'GrantRedeemed', data: redeemed });
    await expect(replica.redeem(etlBot, await world.redemption(id, view.token))).rejects.toMatchObject({
      code: 'approval_not_proven',
    });
    await expectOnlyAlarms(id, ['GrantOpened', 'TokenIssued', 'GrantRedeemed']);
  });

  it('of a request has no grant', async () => {
    const genuine = await world.request(await world.submit());
    const id = '99999999-9999-4999-8999-999999999999';
    await world.forge('intake', 'request', id, {
      type: 'ActionRequested',
      data: { ...genuine, requestId: id },
    });
    await expectOnlyAlarms(id);
  });
});

describe('a record that a service with a stolen key has made', () => {
  it('of an approval without its quorum opens no grant', async () => {
    const id = await world.open(undefined, { groups: [{ group: 'data-owners', quorum: 2 }] });
    await world.append('policy', 'review', id, ...(await approvalFor(id)));
    await expectOnlyAlarms(id);
  });

  it('of an approval by the owner opens no grant', async () => {
    const id = await world.open();
    const events = (await approvalFor(id)).map(({ type, data }) => ({
      type,
      data: {
        ...data,
        ...('approver' in data && { approver: 'carol' }),
        ...('approvers' in data && { approvers: ['carol'] }),
      },
    }));
    await world.append('policy', 'review', id, ...events);
    await expectOnlyAlarms(id);
  });

  it('of a request whose digest is another action’s has no grant', async () => {
    const genuine = await world.request(await world.submit());
    const id = '99999999-9999-4999-8999-999999999999';
    const data = { ...genuine, requestId: id, resource: { ...genuine.resource, id: 'orders' } };
    await world.append('intake', 'request', id, { type: 'ActionRequested', data });
    await expectOnlyAlarms(id);
  });

  it('of a grant without any approval is no grant', async () => {
    const genuine = await world.approved();
    await replica.claimGrant.claim(genuine, etlBot);
    const id = await world.open();
    const events = (await world.events('grant', genuine)).map(({ type, data }) => ({
      type,
      data: { ...data, grantId: id, requestId: id },
    }));
    await world.append('credentials', 'grant', id, ...events);
    await expectOnlyAlarms(id, ['GrantOpened', 'TokenIssued']);
  });

  it('of a token that was never issued is refused, appends nothing and raises the alarm', async () => {
    const [id, other] = [await world.approved(), await world.approved()];
    await replica.claimGrant.claim(id, etlBot);
    const { view } = await replica.claimGrant.claim(other, etlBot);
    const { SignJWT, decodeJwt, decodeProtectedHeader } = await import('jose');
    const { privateKey } = await world.keys.tokenKey('grant-token');
    const stolen = await new SignJWT({ ...decodeJwt(view.token), gid: id, rid: id })
      .setProtectedHeader({ ...decodeProtectedHeader(view.token), alg: 'EdDSA' })
      .sign(privateKey);
    await expect(replica.redeem(etlBot, await world.redemption(id, stolen))).rejects.toMatchObject({
      code: 'token_invalid',
    });
    expect(world.counted('alarms')).toEqual([{ code: 'token_not_issued' }]);
    expect(await world.types('grant', id)).toEqual(['GrantOpened', 'TokenIssued']);
    expect(await world.refusals(id)).toEqual([]);
  });
});

describe('a record that can not be trusted', () => {
  it('does not exist for automata that did not make the request', async () => {
    const id = await world.open();
    await world.forge('policy', 'review', id, ...(await approvalFor(id)));
    const stranger = await world.caller('Agent::"deploy-bot"');
    await expect(replica.claimGrant.claim(id, stranger)).rejects.toMatchObject({ code: 'not_found' });
    expect(world.counted('alarms')).toHaveLength(1);
  });

  it('by a type that this build does not know fails closed', async () => {
    const id = await world.approved();
    const { view } = await replica.claimGrant.claim(id, etlBot);
    await world.append('credentials', 'grant', id, { type: 'CredentialLeased', data: { grantId: id } });
    await expect(replica.redeem(etlBot, await world.redemption(id, view.token))).rejects.toMatchObject({
      code: 'approval_not_proven',
    });
  });
});

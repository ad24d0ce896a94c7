import { BusError } from '@countersign/bus';
import { CodedError, MAX_SKEW_MS, type Json } from '@countersign/kernel';
import { MAX_REFUSED_ATTEMPTS } from '@countersign/service-host';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '@countersign/service-host';
import { DAY_MS, GrantWorld, GUARDED, MINUTE_MS, type Replica } from '../spec-helpers.ts';

const OPEN = ['GrantOpened', 'TokenIssued'];

let world: GrantWorld;
let replica: Replica;
let etlBot: Caller;

beforeEach(async () => {
  world = await GrantWorld.acme();
  replica = world.replica();
  etlBot = await world.caller('Agent::"etl-bot"');
});

const claimed = async (body?: Json) => {
  const id = await world.approved(body);
  const { view } = await replica.claimGrant.claim(id, etlBot);
  return { id, token: view.token, body: await world.redemption(id, view.token) };
};

const refusal = (caller: Caller, body: Json): Promise<unknown> =>
  replica.redeem(caller, body).then(
    () => 'redeemed',
    (error: unknown) => (error instanceof CodedError ? error.code : error),
  );

describe('redeeming a grant', () => {
  it('spends it on the word of the policy set of this moment, in one event', async () => {
    const { id, body } = await claimed();
    const { digest } = await world.request(id);
    world.clock.advance(1_000);
    await expect(replica.redeem(etlBot, body)).resolves.toEqual({
      grantId: id,
      requestId: id,
      redeemedAt: '2026-11-20T10:00:01.000Z',
      enforcement: 'advisory',
    });
    const events = await world.events('grant', id);
    expect(events.map(({ type }) => type)).toEqual([...OPEN, 'GrantRedeemed']);
    expect(events.at(-1)).toMatchObject({
      data: { digest, policySetDigest: 'set-2', directoryDigest: 'directory-2' },
      metadata: { actor: { type: 'Agent', id: 'etl-bot' }, service: 'credentials', correlationId: id },
    });
    expect(world.policy.asked).toEqual([{ requestId: id }]);
    expect(world.counted('requests')).toEqual([{ status: 'redeemed' }]);
  });

  it('happens once: the second is refused and recorded, without asking policy', async () => {
    const { id, body } = await claimed();
    await replica.redeem(etlBot, body);
    expect(await refusal(etlBot, body)).toBe('already_redeemed');
    expect(await refusal(etlBot, { ...body, redemptionId: 'late-thought' })).toBe('already_redeemed');
    expect(await world.types('grant', id)).toEqual([...OPEN, 'GrantRedeemed']);
    expect(await world.refusals(id)).toEqual(['already_redeemed', 'already_redeemed']);
    expect(world.policy.asked).toHaveLength(1);
  });

  it('is the same redemption again with the same redemption id, also after its time and its report', async () => {
    const { id, token } = await claimed();
    const body = await world.redemption(id, token, 'once');
    const first = await replica.redeem(etlBot, body);
    await expect(replica.redeem(etlBot, body)).resolves.toEqual(first);
    world.clock.advance(DAY_MS);
    await replica.reportOutcome.report(id, { status: 'succeeded' }, etlBot);
    await expect(world.replica().redeem(etlBot, body)).resolves.toEqual(first);
    expect(await refusal(etlBot, await world.redemption(id, token, 'twice'))).toBe('already_redeemed');
    expect(world.policy.asked).toHaveLength(1);
  });

  it('is for the person who stood in the review: the same requester started by another is refused', async () => {
    const { id, token } = await claimed();
    const body = await world.redemption(id, token, 'once');
    const startedByBob = await world.caller('Agent::"etl-bot"', 'User::"bob"');
    expect(await refusal(startedByBob, body)).toBe('wrong_executor');
    await replica.redeem(etlBot, body);
    expect(await refusal(startedByBob, body)).toBe('wrong_executor');
    expect(await world.refusals(id)).toEqual(['wrong_executor', 'wrong_executor']);
    await expect(replica.reportOutcome.report(id, { status: 'failed' }, startedByBob)).rejects.toMatchObject({
      code: 'wrong_executor',
    });
  });

  it('is the executor’s where the action names one: not even the requester may', async () => {
    const { id, body } = await claimed(GUARDED);
    expect(await refusal(etlBot, body)).toBe('wrong_executor');
    for (const entity of ['Agent::"deploy-bot"', 'User::"alice"', 'User::"carol"']) {
      expect(await refusal(await world.caller(entity), body)).toBe('wrong_executor');
    }
    expect(await world.types('grant', id)).toEqual(OPEN);
    const gateway = await world.caller('Service::"db-gateway"');
    await expect(replica.redeem(gateway, body)).resolves.toMatchObject({ enforcement: 'guarded' });
  });

  it('asks its questions in their order: executor, action, revocation, redemption, time', async () => {
    const { id, body } = await claimed();
    const other = { ...body, resource: { type: 'Dataset', id: 'orders' } };
    const stranger = await world.caller('Agent::"deploy-bot"');
    world.clock.advance(5 * MINUTE_MS);
    expect(await refusal(stranger, { ...other, token: 'none' })).toBe('token_invalid');
    expect(await refusal(stranger, other)).toBe('wrong_executor');
    expect(await refusal(etlBot, other)).toBe('digest_mismatch');
    expect(await refusal(etlBot, body)).toBe('grant_expired');

    const revoked = await claimed();
    const alice = await world.caller('User::"alice"');
    await replica.revokeGrant.revoke({ requestId: revoked.id, cause: 'revoked', reason: 'no' }, alice);
    world.clock.advance(5 * MINUTE_MS);
    expect(await refusal(etlBot, revoked.body)).toBe('grant_revoked');

    const spent = await claimed();
    await replica.redeem(etlBot, spent.body);
    world.clock.advance(5 * MINUTE_MS);
    expect(await refusal(etlBot, spent.body)).toBe('already_redeemed');
    expect(await world.refusals(id)).toEqual(['wrong_executor', 'digest_mismatch', 'grant_expired']);
  });

  it('is too late from the deadline on, by a clock that was stepped forward too', async () => {
    const { id, body } = await claimed();
    world.clock.advance(60 * MINUTE_MS);
    expect(await refusal(etlBot, body)).toBe('grant_expired');
    expect(await world.types('grant', id)).toEqual([...OPEN, 'GrantExpired']);
    expect(world.policy.asked).toEqual([]);
    expect(world.counted('refusedAttempts')).toEqual([{ kind: 'redemption', code: 'grant_expired' }]);
  });

  it('is too late where the time ran out while policy was asked', async () => {
    const { id, body } = await claimed();
    const { answer } = world.policy;
    world.policy.answer = () => {
      world.clock.advance(5 * MINUTE_MS);
      return answer();
    };
    expect(await refusal(etlBot, body)).toBe('grant_expired');
    expect(await world.types('grant', id)).toEqual([...OPEN, 'GrantExpired']);
  });

  it('takes nothing that is not a token of ours, counts it, and appends nothing', async () => {
    const { id, token, body } = await claimed();
    const [header, payload, signature] = token.split('.');
    const forged = [
      'garbage',
      etlBot.token,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature?.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
    ];
    for (const each of forged) expect(await refusal(etlBot, { ...body, token: each })).toBe('token_invalid');
    expect(await world.types('grant', id)).toEqual(OPEN);
    expect(await world.refusals(id)).toEqual([]);
    expect(world.counted('refusedAttempts')).toEqual(
      forged.map(() => ({ kind: 'redemption', code: 'token_invalid' })),
    );
  });

  it('refuses unknown members and a missing token by name', async () => {
    const { body } = await claimed();
    await expect(async () => replica.redeem(etlBot, { ...body, force: true })).rejects.toMatchObject({
      code: 'unknown_field',
      field: 'force',
    });
    const { token, ...without } = body;
    expect(token).toBeDefined();
    await expect(async () => replica.redeem(etlBot, without)).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'token',
    });
  });
});

describe('asking policy again before a redemption', () => {
  it('ends the grant where it is no longer authorized, and says why, for ever', async () => {
    const { id, body } = await claimed();
    world.policy.answer = () => ({ authorized: false, detail: '"never-during-audit" forbids it now.' });
    await expect(replica.redeem(etlBot, body)).rejects.toMatchObject({
      code: 'grant_revoked',
      members: { reason: 'authorization_lapsed', reasonDetail: '"never-during-audit" forbids it now.' },
    });
    const events = await world.events('grant', id);
    expect(events.at(-1)).toMatchObject({
      type: 'GrantRevoked',
      data: { cause: 'authorization_lapsed', by: { type: 'Service', id: 'countersign/credentials' } },
    });
    world.policy.answer = () => ({ authorized: true, policySetDigest: 'set-3', directoryDigest: 'd-3' });
    expect(await refusal(etlBot, body)).toBe('grant_revoked');
    expect(await world.refusals(id)).toEqual(['grant_revoked', 'grant_revoked']);
    expect(world.counted('requests')).toEqual([{ status: 'revoked' }]);
  });

  it.each([
    ['the bus is away', new BusError('bus_unavailable', 'Nobody is connected.')],
    ['no answer comes in time', new BusError('deadline_exceeded', 'Too slow.')],
    ['policy has no set', new CodedError('no_policy_set', 'None.')],
    ['policy has no store', new CodedError('store_unavailable', 'Away.')],
  ])('redeems nothing and ends nothing where %s', async (_why, error) => {
    const { id, body } = await claimed();
    const { answer } = world.policy;
    world.policy.answer = () => Promise.reject(error);
    expect(await refusal(etlBot, body)).toBe('policy_unreachable');
    expect(await world.types('grant', id)).toEqual(OPEN);
    expect(await world.refusals(id)).toEqual([]);
    world.policy.answer = answer;
    expect(await refusal(etlBot, body)).toBe('redeemed');
  });

  it('redeems nothing while the clock contradicts the recorded time', async () => {
    const { id, body } = await claimed();
    world.clock.skewBy(MAX_SKEW_MS + 1);
    expect(await refusal(etlBot, body)).toBe('clock_skewed');
    expect(await world.types('grant', id)).toEqual(OPEN);
    world.clock.skewBy(MAX_SKEW_MS);
    expect(await refusal(etlBot, body)).toBe('redeemed');
  });

  it('redeems nothing on an answer that is none', async () => {
    const { id, body } = await claimed();
    world.policy.answer = () => ({ authorized: 'yes' });
    expect(await refusal(etlBot, body)).toBe('policy_unreachable');
    expect(await world.types('grant', id)).toEqual(OPEN);
  });

  it.each(['approval_not_proven', 'signature_invalid', 'not_found'])(
    'raises the alarm where policy answers %s',
    async (code) => {
      const { id, body } = await claimed();
      world.policy.answer = () => Promise.reject(new CodedError(code, 'No.'));
      expect(await refusal(etlBot, body)).toBe('approval_not_proven');
      expect(await world.types('grant', id)).toEqual(OPEN);
      expect(world.counted('alarms')).toEqual([{ code: 'approval_not_proven' }]);
    },
  );
});

describe('a flood of refused redemptions', () => {
  it('appends at most twenty, counts them all, and costs the store no append or attempt read after that', async () => {
    const { id, body } = await claimed();
    const stranger = await world.caller('Agent::"deploy-bot"');
    const reads: string[] = [];
    const flooded = world.replica({
      append: (...append) => world.world.store.append(...append),
      readStream: (stream, options) => {
        reads.push(stream);
        return world.world.store.readStream(stream, options);
      },
      subscribe: (...subscribe) => world.world.store.subscribe(...subscribe),
    });
    for (let attempt = 0; attempt <= MAX_REFUSED_ATTEMPTS; attempt += 1) {
      await expect(flooded.redeem(stranger, body)).rejects.toMatchObject({ code: 'wrong_executor' });
    }
    reads.length = 0;
    const more = Array.from({ length: 200 }, () => flooded.redeem(stranger, body));
    const results = await Promise.allSettled(more);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(new Set(reads)).toEqual(new Set([`grant-${id}`]));
    expect(await world.refusals(id)).toHaveLength(MAX_REFUSED_ATTEMPTS);
    expect(world.counted('refusedAttempts')).toHaveLength(MAX_REFUSED_ATTEMPTS + 1 + 200);
  });

  it('neither hides nor delays a revocation', async () => {
    const { id, body } = await claimed();
    const stranger = await world.caller('Agent::"deploy-bot"');
    const alice = await world.caller('User::"alice"');
    const flood = Array.from({ length: 500 }, () => refusal(stranger, body));
    const revocation = { requestId: id, cause: 'revoked', reason: 'stop' } as const;
    await expect(replica.revokeGrant.revoke(revocation, alice)).resolves.toMatchObject({ grantId: id });
    await Promise.all(flood);
    expect(await world.refusals(id)).toHaveLength(MAX_REFUSED_ATTEMPTS);
    expect(await refusal(etlBot, body)).toBe('grant_revoked');
  });
});

import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { CommandProofVerifier, issueCommandProof, type CommandProofOptions } from '@countersign/bus';
import { CANCEL_REVIEW, RECORD_DECISION, type CommandProof } from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import { AuthenticationError, type Authenticator, type Caller } from '@countersign/service-host';
import { describe, expect, it } from 'vitest';
import { acmeFiles, agent, EXPORT, person, PolicyWorld } from '../spec-helpers.ts';
import { CommandAuthority } from './command-authority.ts';
import { commandKeysOf } from './command-keys.ts';
import { CommandsController } from './commands.controller.ts';

const SLACK = { kind: 'slack', tenant: 'T1', user: 'U-alice' } as const;

const withSlackAlice = () =>
  acmeFiles({
    'directory.yaml': (text) =>
      text.replace(
        '    name: Alice Archer\n',
        '    name: Alice Archer\n    channels: [{ channel: slack, tenant: T1, user: U-alice }]\n',
      ),
  });

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { kid: randomUUID(), privateKey, publicKey };
};

/** Knows the tokens it was given; everything else is no identity. */
const tokens = (callers: Readonly<Record<string, Caller>>): Authenticator => ({
  authenticate: (token) => {
    const found = callers[token];
    return found === undefined
      ? Promise.reject(new AuthenticationError('token_invalid'))
      : Promise.resolve(found);
  },
});

const setUp = async () => {
  const world = await PolicyWorld.with(await withSlackAlice());
  const id = await world.submit(EXPORT);
  const replica = world.replica();
  const [notification, intake] = [keyPair(), keyPair()];
  const published: Readonly<Record<string, { kid: string; publicKey: KeyObject }>> = {
    'command-notification': notification,
    'command-intake': intake,
  };
  const keys = commandKeysOf({
    publicKeys: (name) => Promise.resolve([published[name]].filter((key) => key !== undefined)),
  });
  const proofs = new CommandProofVerifier({
    audience: 'policy',
    issuers: ['notification'],
    keys,
    clock: world.clock,
  });
  const authenticator = tokens({ 'token-of-alice': person('alice'), 'token-of-etl-bot': agent('etl-bot') });
  const authority = new CommandAuthority({ ...replica, authenticator, proofs });
  const controller = new CommandsController(
    authority,
    replica.recordDecision,
    replica.cancelReview,
    replica.reauthorize,
  );
  const payload = {
    requestId: id,
    decision: 'approve',
    reason: 'ok',
    digest: await world.digestOf(id),
  } as const;
  const vouch = async (changes: Partial<CommandProofOptions> = {}): Promise<CommandProof> => {
    const token = await issueCommandProof({
      service: 'notification',
      key: notification,
      audience: 'policy',
      natsSubject: RECORD_DECISION.natsSubject,
      payload,
      channel: SLACK,
      nowMs: world.clock.nowMs(),
      ...changes,
    });
    return { kind: 'channel', token };
  };
  const record = (proof: CommandProof, sent: Json = payload) =>
    controller.recordDecision({ payload: sent, proof });
  return { world, id, payload, notification, intake, controller, vouch, record };
};

describe('RECORD_DECISION', () => {
  it("takes the notification service's word for a click, and finds the person in the directory", async () => {
    const { world, id, vouch, record } = await setUp();
    await expect(record(await vouch())).resolves.toMatchObject({ approver: 'alice', status: 'approved' });
    const [, , recorded] = await world.review(id);
    expect(recorded).toMatchObject({
      data: { via: { channel: 'slack', tenant: 'T1', user: 'U-alice' } },
      metadata: { actor: { type: 'User', id: 'alice', via: { channel: 'slack' } } },
    });
  });

  it('records what was shown to who clicked, and takes word of that from a channel alone', async () => {
    const { world, id, payload, vouch, record } = await setUp();
    const shown = { message: 'T1/C1/17.3', cardVersion: 3, inViewMs: 4_200, sawWhole: true };
    const clicked = { ...payload, shown };
    await expect(record({ kind: 'identity', token: 'token-of-alice' }, clicked)).rejects.toMatchObject({
      code: 'proof_invalid',
    });
    await expect(record(await vouch(), clicked)).rejects.toMatchObject({ code: 'proof_mismatch' });
    await record(await vouch({ payload: clicked }), clicked);
    const [, , recorded] = await world.review(id);
    expect(recorded).toMatchObject({ data: { via: { channel: 'slack', ...shown } } });
  });

  it("takes a person's own token, and refuses an agent's as it would over HTTP", async () => {
    const { record } = await setUp();
    await expect(record({ kind: 'identity', token: 'token-of-etl-bot' })).rejects.toMatchObject({
      code: 'not_human',
    });
    await expect(record({ kind: 'identity', token: 'token-of-alice' })).resolves.toMatchObject({
      approver: 'alice',
    });
  });

  it('refuses a chat account that is linked to nobody', async () => {
    const { vouch, record } = await setUp();
    const proof = await vouch({ channel: { kind: 'slack', tenant: 'T2', user: 'U-alice' } });
    await expect(record(proof)).rejects.toMatchObject({ code: 'unknown_principal' });
  });

  it("refuses another service's word, and its key under the name of notification", async () => {
    const { intake, vouch, record } = await setUp();
    for (const proof of [await vouch({ service: 'intake', key: intake }), await vouch({ key: intake })]) {
      await expect(record(proof)).rejects.toMatchObject({ code: 'proof_invalid' });
    }
  });

  it('refuses a proof for another receiver, command or payload', async () => {
    const { payload, vouch, record } = await setUp();
    await expect(record(await vouch({ audience: 'credentials' }))).rejects.toMatchObject({
      code: 'proof_invalid',
    });
    await expect(record(await vouch({ natsSubject: CANCEL_REVIEW.natsSubject }))).rejects.toMatchObject({
      code: 'proof_mismatch',
    });
    await expect(record(await vouch({ payload: { ...payload, decision: 'deny' } }))).rejects.toMatchObject({
      code: 'proof_mismatch',
    });
  });

  it('refuses a proof that is used again or too old', async () => {
    const { world, vouch, record } = await setUp();
    const proof = await vouch();
    const old = await vouch();
    await record(proof);
    await expect(record(proof)).rejects.toMatchObject({ code: 'proof_replayed' });
    world.clock.advance(63_000);
    await expect(record(old)).rejects.toMatchObject({ code: 'proof_expired' });
  });

  it('refuses an identity token as a click and a click as an identity', async () => {
    const { vouch, record } = await setUp();
    const { token } = await vouch();
    await expect(record({ kind: 'identity', token })).rejects.toMatchObject({ code: 'token_invalid' });
    await expect(record({ kind: 'channel', token: 'token-of-alice' })).rejects.toMatchObject({
      code: 'proof_invalid',
    });
  });

  it.each([
    ['nothing', null, 'invalid_field'],
    ['a payload without proof', { payload: {} }, 'invalid_field'],
    ['more than the command', { extra: 1 }, 'unknown_field'],
  ])('refuses %s', async (_what, message, code) => {
    const { payload, controller } = await setUp();
    const proof = { kind: 'identity', token: 'token-of-alice' };
    const sent = code === 'unknown_field' ? { payload, proof, ...(message as object) } : message;
    await expect(controller.recordDecision(sent)).rejects.toMatchObject({ code });
  });
});

describe('CANCEL_REVIEW', () => {
  it("takes the requester's own token, and no click", async () => {
    const { id, vouch, controller } = await setUp();
    const payload = { requestId: id };
    const click = await vouch({ natsSubject: CANCEL_REVIEW.natsSubject, payload });
    await expect(controller.cancelReview({ payload, proof: click })).rejects.toMatchObject({
      code: 'proof_invalid',
    });
    const proof = { kind: 'identity', token: 'token-of-etl-bot' };
    await expect(controller.cancelReview({ payload, proof })).resolves.toEqual({ result: 'cancelled' });
  });
});

describe('REAUTHORIZE', () => {
  it('answers for an approved request', async () => {
    const { id, record, controller } = await setUp();
    await record({ kind: 'identity', token: 'token-of-alice' });
    await expect(controller.reauthorize({ requestId: id })).resolves.toMatchObject({ authorized: true });
    await expect(controller.reauthorize({ requestId: 'x' })).rejects.toMatchObject({ code: 'invalid_field' });
  });
});

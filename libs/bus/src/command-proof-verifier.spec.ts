import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { canonicalDigest, type Json, type ServiceName } from '@countersign/kernel';
import { SignJWT, exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { CommandProofVerifier } from './command-proof-verifier.ts';
import { issueCommandProof, type CommandProofOptions } from './command-proof.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 10, 0, 0);
const SUBJECT = 'countersign.internal.call.policy.record-decision';
const payload = { requestId: 'r1', decision: 'approve', reason: 'seen' };
const channel = { kind: 'slack', tenant: 'T1', user: 'U1' } as const;
const own = generateKeyPairSync('ed25519');
const foreign = generateKeyPairSync('ed25519');

const setUp = (options: { capacity?: number; issuers?: readonly ServiceName[] } = {}) => {
  const clock = { ms: NOW_MS, nowMs: () => clock.ms, observe: () => undefined, skewMs: () => 0 };
  const publicKey = (service: ServiceName, kid: string): KeyObject | undefined =>
    service === 'notification' && kid === 'k1' ? own.publicKey : undefined;
  const verifier = new CommandProofVerifier({
    audience: 'policy',
    issuers: ['notification'],
    keys: { publicKey },
    clock,
    ...options,
  });
  const verify = (token: string, command: { natsSubject?: string; payload?: Json } = {}) =>
    verifier.verify(token, { natsSubject: SUBJECT, payload, ...command });
  return { clock, verify };
};

const issue = (changes: Partial<CommandProofOptions> = {}) =>
  issueCommandProof({
    service: 'notification',
    key: { kid: 'k1', privateKey: own.privateKey },
    audience: 'policy',
    natsSubject: SUBJECT,
    payload,
    channel,
    nowMs: NOW_MS,
    ...changes,
  });

const forge = (header: object, claims: object = {}) => {
  const iat = NOW_MS / 1_000;
  return new SignJWT({
    cmd: SUBJECT,
    ph: canonicalDigest(payload),
    channel,
    iss: 'countersign/notification',
    aud: 'countersign/policy',
    iat,
    exp: iat + 60,
    jti: 'j1',
    ...claims,
  }).setProtectedHeader({ alg: 'EdDSA', typ: 'countersign-command+jwt', kid: 'k1', ...header });
};

describe('a command proof', () => {
  it('gives the channel identity that the issuing service verified', async () => {
    await expect(setUp().verify(await issue())).resolves.toEqual({ service: 'notification', channel });
  });

  it("refuses somebody else's key under a known key id", async () => {
    const token = await issue({ key: { kid: 'k1', privateKey: foreign.privateKey } });
    await expect(setUp().verify(token)).rejects.toMatchObject({ code: 'proof_invalid' });
  });

  it.each([
    ['an unknown key id', { key: { kid: 'k2', privateKey: own.privateKey } }],
    ['a service that may not vouch', { service: 'intake' }],
    ['another audience', { audience: 'credentials' }],
    ['an unknown channel', { channel: { ...channel, kind: 'smoke-signals' as 'slack' } }],
    ['an empty user', { channel: { ...channel, user: '' } }],
  ] as const)('refuses %s', async (_, changes) => {
    await expect(setUp().verify(await issue(changes))).rejects.toMatchObject({ code: 'proof_invalid' });
  });

  it('refuses an expired one, whatever its exp says', async () => {
    const { clock, verify } = setUp();
    const tokens = [await issue(), await forge({}, { exp: NOW_MS / 1_000 + 3_600 }).sign(own.privateKey)];
    clock.ms += 63_000;
    for (const token of tokens) await expect(verify(token)).rejects.toMatchObject({ code: 'proof_expired' });
  });

  it('refuses one from the future', async () => {
    const token = await issue({ nowMs: NOW_MS + 10_000 });
    await expect(setUp().verify(token)).rejects.toMatchObject({ code: 'proof_invalid' });
  });

  it('refuses the second use', async () => {
    const { verify } = setUp();
    const token = await issue();
    await verify(token);
    await expect(verify(token)).rejects.toMatchObject({ code: 'proof_replayed' });
  });

  it('counts once where it is used twice at the same time', async () => {
    const { verify } = setUp();
    const token = await issue();
    const uses = await Promise.allSettled([verify(token), verify(token)]);
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses another payload or subject, and stays good for its own', async () => {
    const { verify } = setUp();
    const token = await issue();
    const other = { payload: { ...payload, decision: 'deny' } };
    await expect(verify(token, other)).rejects.toMatchObject({ code: 'proof_mismatch' });
    const elsewhere = { natsSubject: `${SUBJECT}x` };
    await expect(verify(token, elsewhere)).rejects.toMatchObject({ code: 'proof_mismatch' });
    await expect(verify(token)).resolves.toMatchObject({ channel });
  });

  it('refuses all once its memory is full, until the remembered expire', async () => {
    const { clock, verify } = setUp({ capacity: 1 });
    await verify(await issue());
    await expect(verify(await issue())).rejects.toMatchObject({ code: 'proof_overload' });
    clock.ms += 63_000;
    await expect(verify(await issue({ nowMs: clock.ms }))).resolves.toMatchObject({ channel });
  });

  it.each([
    ['another typ', { typ: 'JWT' }],
    ['an unknown critical header', { crit: ['b64x'], b64x: true }],
  ])('refuses %s', async (_, header) => {
    const token = await forge(header).sign(own.privateKey, { crit: { b64x: false } });
    await expect(setUp().verify(token)).rejects.toMatchObject({ code: 'proof_invalid' });
  });

  it('looks at no key that the token itself brings', async () => {
    const jwk = await exportJWK(foreign.publicKey);
    const token = await forge({ jwk, jku: 'https://evil.example/jwks' }).sign(foreign.privateKey);
    await expect(setUp().verify(token)).rejects.toMatchObject({ code: 'proof_invalid' });
  });

  it.each(['jti', 'cmd', 'ph', 'channel', 'iat', 'exp'])('refuses one without %s', async (claim) => {
    const token = await forge({}, { [claim]: undefined }).sign(own.privateKey);
    await expect(setUp().verify(token)).rejects.toMatchObject({ code: 'proof_invalid' });
  });

  it('refuses unsigned tokens, HMAC with the public key, and what is no token', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [, claims] = (await issue()).split('.');
    const typ = 'countersign-command+jwt';
    const hmacInput = `${part({ alg: 'HS256', typ, kid: 'k1' })}.${claims}`;
    const secret = own.publicKey.export({ format: 'pem', type: 'spki' });
    const mac = createHmac('sha256', secret).update(hmacInput).digest('base64url');
    const tokens = [`${part({ alg: 'none', typ, kid: 'k1' })}.${claims}.`, `${hmacInput}.${mac}`, 'x', ''];
    for (const token of tokens) {
      await expect(setUp().verify(token)).rejects.toMatchObject({ code: 'proof_invalid' });
    }
  });
});

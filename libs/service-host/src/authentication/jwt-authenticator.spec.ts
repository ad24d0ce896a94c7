import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { indexDirectory, type Directory, type DirectoryIndex } from '@countersign/domain-directory';
import { CodedError, toTimestamp } from '@countersign/kernel';
import { ManualClock } from '@countersign/testing';
import { createLocalJWKSet, exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IssuerConfig } from '../config/issuer-config.ts';
import { requireInitiator } from './caller.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';

const PEOPLE = 'https://people.example';
const MACHINES = 'https://machines.example';
const NOW_S = 1_800_000_000;

const clock = new ManualClock(toTimestamp(NOW_S * 1_000));

const directory: Directory = {
  persons: [
    {
      id: 'alice',
      name: 'Alice',
      verified: true,
      identities: [{ issuer: PEOPLE, sub: 'alice' }],
      channels: [],
    },
    { id: 'eve', name: 'Eve', verified: false, identities: [{ issuer: PEOPLE, sub: 'eve' }], channels: [] },
    { id: 'mal', name: 'Mal', verified: true, identities: [{ issuer: MACHINES, sub: 'mal' }], channels: [] },
  ],
  groups: { platform: ['alice'] },
  requesters: [
    {
      type: 'Agent',
      id: 'etl',
      owner: { type: 'User', id: 'alice' },
      identities: [{ issuer: MACHINES, sub: 'etl' }],
    },
    {
      type: 'Pipeline',
      id: 'release',
      owner: { type: 'Group', id: 'platform' },
      identities: [{ issuer: MACHINES, sub: 'release' }],
    },
  ],
  roles: {},
};

const keys = generateKeyPairSync('ed25519');
const otherKeys = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const config = (issuer: string, kinds: IssuerConfig['kinds'], claims = {}): IssuerConfig => ({
  issuer,
  audience: 'countersign',
  algorithms: ['EdDSA'],
  typ: 'at+jwt',
  kinds,
  claims,
});

let index: DirectoryIndex | undefined = indexDirectory(directory);
let authenticator: JwtAuthenticator;

const trusted = async (issuer: IssuerConfig): Promise<TrustedIssuer> => ({
  config: issuer,
  keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one' }] }),
});

beforeAll(async () => {
  const people = await trusted(config(PEOPLE, ['User']));
  const claims = { initiator: 'actor_id', initiatorIssuer: PEOPLE };
  const machines = await trusted(config(MACHINES, ['Agent', 'Pipeline'], claims));
  authenticator = new JwtAuthenticator({ issuers: [people, machines], clock, directory: async () => index });
});

interface Forgery {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyObject | Uint8Array;
}

const token = async ({ header = {}, claims = {}, key = keys.privateKey }: Forgery = {}): Promise<string> =>
  new SignJWT({ iss: PEOPLE, sub: 'alice', aud: 'countersign', exp: NOW_S + 300, iat: NOW_S, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'one', ...header })
    .sign(key, { crit: { 'urn:x': true } });

const codeOf = async (bearer: string | Promise<string>): Promise<string> => {
  try {
    await authenticator.authenticate(await bearer);
  } catch (error) {
    return error instanceof CodedError ? error.code : 'uncoded';
  }
  return 'accepted';
};

const machine = (sub: string, claims: Record<string, unknown> = {}) =>
  token({ claims: { iss: MACHINES, sub, ...claims } });

describe('a token as identity', () => {
  it('proves the person its issuer and sub name', async () => {
    const bearer = await token();
    expect(await authenticator.authenticate(bearer, 'nats')).toEqual({
      principal: { kind: 'person', ref: { type: 'User', id: 'alice' }, verified: true },
      via: { channel: 'nats', issuer: PEOPLE, sub: 'alice' },
      token: bearer,
    });
  });

  const hmacKey = Buffer.from(keys.publicKey.export({ type: 'spki', format: 'pem' }));
  it.each<[string, string, () => string | Promise<string>]>([
    ['that is no token', 'token_invalid', () => 'hello'],
    [
      'that is unsigned (alg none)',
      'token_invalid',
      () => new UnsecuredJWT({ iss: PEOPLE, sub: 'alice' }).encode(),
    ],
    ['stripped of its signature', 'token_invalid', async () => (await token()).replace(/[^.]+$/, '')],
    ['signed by another key', 'token_invalid', () => token({ key: otherKeys.privateKey })],
    [
      'with HMAC under the public key',
      'token_invalid',
      () => token({ header: { alg: 'HS256' }, key: hmacKey }),
    ],
    [
      'by an algorithm not pinned',
      'token_invalid',
      () => token({ header: { alg: 'RS256' }, key: rsa.privateKey }),
    ],
    ['that has expired', 'token_expired', () => token({ claims: { exp: NOW_S } })],
    ['that never expires', 'token_invalid', () => token({ claims: { exp: undefined } })],
    ['for another audience', 'token_invalid', () => token({ claims: { aud: 'elsewhere' } })],
    ['of an unknown issuer', 'token_invalid', () => token({ claims: { iss: 'https://evil.example' } })],
    ['without an issuer', 'token_invalid', () => token({ claims: { iss: undefined } })],
    ['without a sub', 'token_invalid', () => token({ claims: { sub: undefined } })],
    ['without a typ', 'token_invalid', () => token({ header: { typ: undefined } })],
    ['that is an action token', 'token_invalid', () => token({ header: { typ: 'countersign-grant+jwt' } })],
    ['that is a receipt', 'token_invalid', () => token({ header: { typ: 'countersign-receipt+jwt' } })],
    ['that is a command proof', 'token_invalid', () => token({ header: { typ: 'countersign-command+jwt' } })],
    ['not yet valid', 'token_invalid', () => token({ claims: { nbf: NOW_S + 6 } })],
    ['issued in the future', 'token_invalid', () => token({ claims: { iat: NOW_S + 6 } })],
    ['naming an unknown key', 'token_invalid', () => token({ header: { kid: 'two' } })],
    ['with a critical extension', 'token_invalid', () => token({ header: { crit: ['urn:x'], 'urn:x': 1 } })],
    ['that is too long', 'token_invalid', () => token({ claims: { pad: 'x'.repeat(16_384) } })],
    ['of a stranger', 'unknown_principal', () => token({ claims: { sub: 'Alice' } })],
    ['of a kind its issuer may not assert', 'kind_not_allowed', () => machine('mal')],
    [
      "that is a person's and names an actor",
      'delegated_person',
      () => token({ claims: { act: { sub: 'etl' } } }),
    ],
    ['naming an unknown initiator', 'unknown_initiator', () => machine('etl', { actor_id: 'bob' })],
    ['naming a suspended initiator', 'initiator_not_verified', () => machine('etl', { actor_id: 'eve' })],
    ['with a malformed actor', 'token_invalid', () => machine('etl', { act: 'alice' })],
    [
      'whose actor acts for yet another',
      'token_invalid',
      () => machine('etl', { act: { iss: PEOPLE, sub: 'alice', act: { sub: 'mal' } } }),
    ],
    ['with a malformed mapped claim', 'token_invalid', () => machine('etl', { actor_id: 7 })],
    [
      'whose two initiators differ',
      'token_invalid',
      () => machine('etl', { actor_id: 'alice', act: { sub: 'alice' } }),
    ],
  ])('is refused %s: %s', async (_, code, forged) => {
    expect(await codeOf(forged())).toBe(code);
  });

  it.each(['jku', 'x5u', 'jwk', 'x5c'])('gets its key from our settings, whatever %s says', async (name) => {
    const jwk = { ...(await exportJWK(otherKeys.publicKey)), kid: 'one' };
    const value = { jku: 'https://evil.example', x5u: 'https://evil.example', jwk, x5c: ['AA'] }[name];
    expect(await codeOf(token({ header: { [name]: value }, key: otherKeys.privateKey }))).toBe(
      'token_invalid',
    );
    expect(await codeOf(token({ header: { [name]: value } }))).toBe('accepted');
  });

  it('may be issued by a clock up to 5 s ahead', async () => {
    expect(await codeOf(token({ claims: { iat: NOW_S + 5, nbf: NOW_S + 5 } }))).toBe('accepted');
  });

  it.each([
    ['the claim mapped for its issuer', { actor_id: 'alice' }],
    ['RFC 8693 act of the same person', { act: { iss: PEOPLE, sub: 'alice' } }],
    ['both alike', { actor_id: 'alice', act: { iss: PEOPLE, sub: 'alice' } }],
  ])('names its initiator by %s', async (_, claims) => {
    const { principal } = await authenticator.authenticate(await machine('release', claims));
    expect(principal).toMatchObject({ ref: { type: 'Pipeline', id: 'release' }, initiator: 'alice' });
  });

  it("of a group's requester without an initiator proves who it is, but not that it may ask", async () => {
    const caller = await authenticator.authenticate(await machine('release'));
    expect(() => requireInitiator(caller)).toThrow(expect.objectContaining({ code: 'initiator_required' }));
    const named = await authenticator.authenticate(await machine('release', { actor_id: 'alice' }));
    expect(() => requireInitiator(named)).not.toThrow();
  });

  it('proves nobody where no policy set is active', async () => {
    index = undefined;
    expect(await codeOf(token())).toBe('no_policy_set');
    index = indexDirectory(directory);
  });

  it('is looked up anew each time: who left the directory is refused at once', async () => {
    const bearer = await token();
    expect(await codeOf(bearer)).toBe('accepted');
    index = indexDirectory({ ...directory, persons: [] });
    expect(await codeOf(bearer)).toBe('unknown_principal');
    index = indexDirectory(directory);
  });

  it('is not remembered beyond its own end', async () => {
    const bearer = await token({ claims: { exp: NOW_S + 10 } });
    expect(await codeOf(bearer)).toBe('accepted');
    clock.advance(10_000);
    expect(await codeOf(bearer)).toBe('token_expired');
  });
});

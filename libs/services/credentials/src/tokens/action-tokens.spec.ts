import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GRANT_TOKEN_KEY } from '@countersign/contracts';
import { loadOrCreateKey, publicFolderOf, rotateKey } from '@countersign/keys-file';
import { openKeys } from '@countersign/service-host';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ActionTokens } from './action-tokens.ts';
import { PublishedKeys } from './published-keys.ts';

const GRANT_ID = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11';
const GRANT = {
  status: 'open',
  opened: {
    grantId: GRANT_ID,
    requestId: GRANT_ID,
    digest: 'D'.repeat(43),
    requester: { type: 'Agent', id: 'etl-bot' },
    redeemer: { type: 'Service', id: 'db-gateway' },
    enforcement: 'guarded',
    approvers: ['alice'],
    openedAt: '2026-11-20T10:00:00.250Z',
    expiresAt: '2026-11-20T10:05:00.250Z',
  },
  token: {
    grantId: GRANT_ID,
    jti: 'jti-1',
    issuedAt: '2026-11-20T10:00:00.250Z',
    expiresAt: '2026-11-20T10:05:00.250Z',
  },
} as const;

const keysFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'keys');
};

const open = (folder = keysFolder()) => {
  const { keys } = openKeys({ folder, publicFolder: publicFolderOf(folder) }, ['credentials']);
  return { folder, keys, tokens: new ActionTokens(keys), published: new PublishedKeys(keys) };
};

describe('action tokens', () => {
  it('carry the grant, the request, the digest and their times under a type of their own', async () => {
    const { keys, tokens } = open();
    const token = await tokens.sign(GRANT);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'EdDSA',
      typ: 'countersign-grant+jwt',
      kid: (await keys.tokenKey(GRANT_TOKEN_KEY)).kid,
    });
    expect(decodeJwt(token)).toEqual({
      iss: 'urn:countersign:credentials',
      aud: 'urn:countersign:pep',
      sub: 'Service::"db-gateway"',
      jti: 'jti-1',
      gid: GRANT_ID,
      rid: GRANT_ID,
      dig: 'D'.repeat(43),
      iat: 1795168800,
      nbf: 1795168800,
      exp: 1795169100,
    });
    await expect(tokens.verify(token)).resolves.toEqual({ grantId: GRANT_ID, jti: 'jti-1' });
  });

  it('verify for anybody by the published keys, pinned to type, issuer and audience', async () => {
    const { tokens, published } = open();
    const token = await tokens.sign(GRANT);
    const { kid } = decodeProtectedHeader(token);
    const jwk = (await published.jwks()).keys.find((key) => key.kid === kid);
    const verified = await jwtVerify(token, await importJWK({ ...jwk }), {
      algorithms: ['EdDSA'],
      typ: 'countersign-grant+jwt',
      issuer: 'urn:countersign:credentials',
      audience: 'urn:countersign:pep',
      currentDate: new Date('2026-11-20T10:01:00.000Z'),
    });
    expect(verified.payload.jti).toBe('jti-1');
  });

  it('still verify after a rotation, while new ones are signed by the new key', async () => {
    const folder = keysFolder();
    const before = open(folder);
    const old = await before.tokens.sign(GRANT);
    const { kid } = rotateKey(folder, GRANT_TOKEN_KEY);
    const after = open(folder);
    const fresh = await after.tokens.sign(GRANT);
    expect(decodeProtectedHeader(fresh).kid).toBe(kid);
    expect(decodeProtectedHeader(old).kid).not.toBe(kid);
    for (const { tokens } of [before, after]) {
      await expect(tokens.verify(old)).resolves.toMatchObject({ jti: 'jti-1' });
      await expect(tokens.verify(fresh)).resolves.toMatchObject({ jti: 'jti-1' });
    }
    expect(decodeJwt(fresh)).toEqual(decodeJwt(old));
  });

  it('publish their keys and the receipts’, and no other', async () => {
    const { folder, published } = open();
    const names = [GRANT_TOKEN_KEY, 'receipt', 'command-notification', 'dev-issuer'];
    const made = names.map((name) => loadOrCreateKey(folder, name));
    const { keys: jwks } = await published.jwks();
    expect(jwks.map(({ kid }) => kid).sort()).toEqual(
      made
        .slice(0, 2)
        .map(({ kid }) => kid)
        .sort(),
    );
    expect(jwks.every((jwk) => !('d' in jwk))).toBe(true);
  });
});

describe('what is no action token', () => {
  const forge = async (
    change: { header?: object; claims?: object },
    keyName = GRANT_TOKEN_KEY,
    { folder, tokens } = open(),
  ) => {
    const genuine = await tokens.sign(GRANT);
    const { privateKey } = loadOrCreateKey(folder, keyName);
    const header = { ...decodeProtectedHeader(genuine), alg: 'EdDSA', ...change.header };
    const token = await new SignJWT({ ...decodeJwt(genuine), ...change.claims })
      .setProtectedHeader(header)
      .sign(privateKey, { crit: { exp2: true } });
    return tokens.verify(token);
  };

  it.each([
    ['of an identity’s type', { header: { typ: 'countersign-identity+jwt' } }],
    ['of a receipt’s type', { header: { typ: 'countersign-receipt+jwt' } }],
    ['of a command’s type', { header: { typ: 'countersign-command+jwt' } }],
    ['without a type', { header: { typ: undefined } }],
    ['without a key id', { header: { kid: undefined } }],
    ['of an unknown key', { header: { kid: 'somebody-elses' } }],
    ['with an extension that nobody here knows', { header: { crit: ['exp2'], exp2: true } }],
    ['for another audience', { claims: { aud: 'countersign' } }],
    ['for two audiences', { claims: { aud: ['urn:countersign:pep', 'countersign'] } }],
    ['of another issuer', { claims: { iss: 'urn:countersign:intake' } }],
    ['without a grant', { claims: { gid: undefined } }],
    ['without an id', { claims: { jti: undefined } }],
    ['with claims that nobody here knows', { claims: { scope: 'everything' } }],
  ])('%s is refused though our key signed it', async (_what, change) => {
    await expect(forge(change)).rejects.toMatchObject({ code: 'token_invalid', field: 'token' });
  });

  it.each(['receipt', 'dev-issuer', 'command-notification'])(
    'signed by our key named %s is refused, under its own id and under ours',
    async (keyName) => {
      const opened = open();
      const { kid } = loadOrCreateKey(opened.folder, keyName);
      await expect(forge({ header: { kid } }, keyName, opened)).rejects.toMatchObject({
        code: 'token_invalid',
      });
      await expect(forge({}, keyName, opened)).rejects.toMatchObject({ code: 'token_invalid' });
    },
  );

  it('that brings its own key along, by value or by address, is refused', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { tokens } = open();
    const genuine = await tokens.sign(GRANT);
    const { kid } = decodeProtectedHeader(genuine);
    const jwk = publicKey.export({ format: 'jwk' });
    for (const brought of [
      { jwk },
      { jku: 'https://evil.example/jwks.json' },
      { x5u: 'https://evil.example' },
    ]) {
      const token = await new SignJWT(decodeJwt(genuine))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'countersign-grant+jwt', kid: String(kid), ...brought })
        .sign(privateKey);
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });

  it('unsigned, or signed with the public key as a secret, is refused', async () => {
    const { tokens, published } = open();
    const genuine = await tokens.sign(GRANT);
    const { kid } = decodeProtectedHeader(genuine);
    const claims = decodeJwt(genuine);
    const unsigned = new UnsecuredJWT(claims).encode();
    const secret = Buffer.from(JSON.stringify((await published.jwks()).keys[0]));
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'countersign-grant+jwt', kid: String(kid) })
      .sign(secret);
    for (const token of [unsigned, hmac, `${genuine}x`, '', 'a.b.c']) {
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });
});

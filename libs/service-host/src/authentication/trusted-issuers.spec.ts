import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '@countersign/kernel';
import { ManualClock } from '@countersign/testing';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssuerConfig } from '../config/issuer-config.ts';
import { TokenVerifier } from './token-verifier.ts';
import { trustIssuers } from './trusted-issuers.ts';

const clock = new ManualClock();
const [first, second] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-issuers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const publish = async (path: string, key: KeyObject, changedS: number): Promise<void> => {
  writeFileSync(path, JSON.stringify({ keys: [await exportJWK(key)] }));
  utimesSync(path, changedS, changedS);
};

const verifierOf = (source: Partial<IssuerConfig>): TokenVerifier => {
  const config = { issuer: 'https://id.example', audience: 'countersign', typ: 'at+jwt', claims: {} };
  const issuer: IssuerConfig = { ...config, algorithms: ['EdDSA'], kinds: ['User'], ...source };
  return new TokenVerifier(trustIssuers([issuer]), clock);
};

const token = async (key: KeyObject): Promise<string> =>
  new SignJWT({ iss: 'https://id.example', sub: 'alice', aud: 'countersign' })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setExpirationTime(clock.nowMs() / 1_000 + 60)
    .sign(key);

const codeOf = async (verifying: Promise<unknown>): Promise<string> =>
  verifying.then(
    () => 'verified',
    (error: unknown) => (error instanceof CodedError ? String(error.code) : 'uncoded'),
  );

describe("an issuer's keys", () => {
  it('are read again when their file has changed', async () => {
    const jwksFile = join(folder, 'keys.json');
    await publish(jwksFile, first.publicKey, 1_000);
    const verifier = verifierOf({ jwksFile });
    expect(await codeOf(verifier.verify(await token(first.privateKey)))).toBe('verified');
    expect(await codeOf(verifier.verify(await token(second.privateKey)))).toBe('token_invalid');
    await publish(jwksFile, second.publicKey, 2_000);
    expect(await codeOf(verifier.verify(await token(second.privateKey)))).toBe('verified');
    expect(await codeOf(verifier.verify(await token(first.privateKey)))).toBe('token_invalid');
  });

  it.each([
    ['a file that is missing', { jwksFile: '/nowhere/keys.json' }],
    ['an address where nobody answers', { jwksUri: 'http://127.0.0.1:1/jwks' }],
  ])('that lie in %s are our fault, not the token’s', async (_, source) => {
    expect(await codeOf(verifierOf(source).verify(await token(first.privateKey)))).toBe('issuer_unavailable');
  });
});

import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { ClientCredentials } from './client-credentials.ts';
import { selfSigned } from './self-signed.ts';

const APP = '11111111-1111-4111-8111-111111111111';
const ENDPOINT = 'http://127.0.0.1/oauth2/v2.0/token';
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const ours = selfSigned();
const others = selfSigned();
const thumbprintOf = ({ certificate }: { readonly certificate: string }) =>
  createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url');

describe('how an app proves itself', () => {
  const nowS = () => Math.floor(Date.now() / 1_000);
  const assertion = (claims: object = {}, header: object = {}, { privateKey } = ours) => {
    const good = { iss: APP, sub: APP, aud: ENDPOINT, jti: 'a', iat: nowS(), nbf: nowS(), exp: nowS() + 60 };
    return new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprintOf(ours), ...header })
      .sign(createPrivateKey(privateKey));
  };
  const registered = () => {
    const credentials = new ClientCredentials(APP, 'hush');
    credentials.register(ours.certificate);
    return credentials;
  };
  const form = (members: Readonly<Record<string, string>>) =>
    new URLSearchParams({ client_id: APP, ...members });
  const asserted = async (jwt: Promise<string>, more: Readonly<Record<string, string>> = {}) =>
    form({ client_assertion_type: TYPE, client_assertion: await jwt, ...more });

  it('is its secret, or what the key of its certificate signed', async () => {
    expect(await registered().areGood(form({ client_secret: 'hush' }), ENDPOINT)).toBe(true);
    expect(await registered().areGood(form({ client_secret: 'guess' }), ENDPOINT)).toBe(false);
    expect(await registered().areGood(await asserted(assertion()), ENDPOINT)).toBe(true);
  });

  it.each([
    ['another app', () => assertion({ iss: ENDPOINT })],
    ['another subject', () => assertion({ sub: ENDPOINT })],
    ['another endpoint', () => assertion({ aud: `${ENDPOINT}s` })],
    ['a time that is over', () => assertion({ exp: nowS() - 10 })],
    ['a time to come', () => assertion({ nbf: nowS() + 60 })],
    ['long ago', () => assertion({ iat: nowS() - 3_600 })],
    ['ever', () => assertion({ exp: undefined })],
    ['any number of times', () => assertion({ jti: undefined })],
    ['another certificate', () => assertion({}, { 'x5t#S256': thumbprintOf(others) })],
    ['another algorithm', () => assertion({}, { alg: 'RS256' })],
    ['somebody else', () => assertion({}, {}, others)],
  ])('is not what was signed for %s', async (_, jwt) => {
    expect(await registered().areGood(await asserted(jwt()), ENDPOINT)).toBe(false);
  });

  it('is no assertion that was used before, none of another kind, and none beside a secret', async () => {
    const credentials = registered();
    const once = await asserted(assertion());
    expect(await credentials.areGood(once, ENDPOINT)).toBe(true);
    expect(await credentials.areGood(once, ENDPOINT)).toBe(false);
    const saml = await asserted(assertion({ jti: 'b' }), { client_assertion_type: 'saml2' });
    expect(await credentials.areGood(saml, ENDPOINT)).toBe(false);
    const both = await asserted(assertion({ jti: 'c' }), { client_secret: 'hush' });
    expect(await credentials.areGood(both, ENDPOINT)).toBe(false);
  });

  it('is no assertion where no certificate was registered', async () => {
    const credentials = new ClientCredentials(APP, 'hush');
    expect(await credentials.areGood(await asserted(assertion()), ENDPOINT)).toBe(false);
  });
});

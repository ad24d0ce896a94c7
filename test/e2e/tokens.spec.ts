import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEVELOPMENT_ISSUER, keysFolderOf, loadOrCreateKey } from '@countersign/keys-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing, expectProblem } from './harness/expect.ts';
import { Issuer, makeToken, nowS, unsecured } from './harness/issuer.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  claim,
  ETL_BOT,
  RELEASE,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

const machines = new Issuer('https://machines.example', ['Agent', 'Pipeline']);
const stranger = new Issuer('https://elsewhere.example', ['Agent']);

const KNOWN = [
  ['User::"alice"', 'alice'],
  ['Agent::"etl-bot"', 'etl-bot'],
  ['Pipeline::"release"', 'release'],
] as const;

/** The machines' issuer knows the same principals by names of its own. */
const addIdentities = (folder: string): void => {
  const path = join(folder, 'directory.yaml');
  let text = readFileSync(path, 'utf8');
  for (const [development, sub] of KNOWN) {
    const line = `        sub: ${development}\n`;
    text = text.replace(line, `${line}      - issuer: ${machines.name}\n        sub: ${sub}\n`);
  }
  writeFileSync(path, text);
};

let countersign: Countersign;
beforeAll(async () => {
  countersign = await Countersign.start({ issuers: [machines], editPolicies: addIdentities });
});
afterAll(() => countersign.dispose());

const publicJwk = machines.keys.publicKey.export({ format: 'jwk' });
const attacker = stranger.keys.privateKey;
const attackersJwk = stranger.keys.publicKey.export({ format: 'jwk' });
const publicPem = machines.keys.publicKey.export({ format: 'pem', type: 'spki' });

const hmac = (secret: string, encoding: BufferEncoding = 'utf8'): string =>
  machines.sign('etl-bot', { header: { alg: 'HS256' }, key: Buffer.from(secret, encoding) });

const cut = (token: string, parts: number): string => token.split('.').slice(0, parts).join('.');

const INVALID: [what: string, token: () => string, code?: string][] = [
  ['that is no token', () => 'etl-bot'],
  ['of dots', () => '..'],
  ['without a signature', () => `${cut(machines.sign('etl-bot'), 2)}.`],
  ['of two parts', () => cut(machines.sign('etl-bot'), 2)],
  [
    "with another token's signature",
    () => `${cut(machines.sign('etl-bot'), 2)}.${machines.sign('release').split('.')[2] ?? ''}`,
  ],
  ['with alg none', () => unsecured(machines.sign('etl-bot'), 'none')],
  ['with alg NoNe', () => unsecured(machines.sign('etl-bot'), 'NoNe')],
  [
    'with alg none and the signature of a good one',
    () => machines.sign('etl-bot', { header: { alg: 'none' } }),
  ],
  ['by HMAC with the public key as PEM', () => hmac(String(publicPem))],
  ['by HMAC with the public key as JWK', () => hmac(JSON.stringify(publicJwk))],
  ['by HMAC with the public key as bytes', () => hmac(publicJwk.x ?? '', 'base64url')],
  ['that has expired', () => machines.sign('etl-bot', { claims: { exp: nowS() - 1 } }), 'token_expired'],
  ['that expires never', () => machines.sign('etl-bot', { claims: { exp: undefined } })],
  ['that is not yet valid', () => machines.sign('etl-bot', { claims: { nbf: nowS() + 60 } })],
  ['made in the future', () => machines.sign('etl-bot', { claims: { iat: nowS() + 60 } })],
  ['for another audience', () => machines.sign('etl-bot', { claims: { aud: 'another-api' } })],
  ['for nobody', () => machines.sign('etl-bot', { claims: { aud: undefined } })],
  ['without a subject', () => machines.sign('etl-bot', { claims: { sub: undefined } })],
  ['of an unknown issuer', () => stranger.sign('etl-bot')],
  [
    "in the name of an issuer, by another's key",
    () => stranger.sign('etl-bot', { claims: { iss: machines.name } }),
  ],
  [
    "in the name of the development issuer, by another's key",
    () =>
      stranger.sign(ETL_BOT, {
        claims: { iss: DEVELOPMENT_ISSUER.issuer },
        header: { typ: DEVELOPMENT_ISSUER.typ },
      }),
  ],
  [
    "with the attacker's key in its header",
    () => machines.sign('etl-bot', { header: { jwk: attackersJwk }, key: attacker }),
  ],
  [
    "that points to the attacker's keys",
    () =>
      machines.sign('etl-bot', {
        header: { jku: `${countersign.address}/evil`, x5u: 'https://evil.example' },
        key: attacker,
      }),
  ],
  ['with a key id that is nobody’s', () => machines.sign('etl-bot', { header: { kid: '../../etc/passwd' } })],
  [
    'with an extension that must be understood',
    () => machines.sign('etl-bot', { header: { crit: ['b64'], b64: false } }),
  ],
  ['of another type', () => machines.sign('etl-bot', { header: { typ: 'JWT' } })],
  ['of no type', () => machines.sign('etl-bot', { header: { typ: undefined } })],
  ['typed as an action token', () => machines.sign('etl-bot', { header: { typ: 'countersign-grant+jwt' } })],
  ['typed as a receipt', () => machines.sign('etl-bot', { header: { typ: 'countersign-receipt+jwt' } })],
  ['typed as a command', () => machines.sign('etl-bot', { header: { typ: 'countersign-command+jwt' } })],
  ['of a principal whom nobody knows', () => machines.sign('mallory'), 'unknown_principal'],
  ['of a principal in another case', () => machines.sign('ETL-BOT'), 'unknown_principal'],
  ['of a person, by an issuer for machines', () => machines.sign('alice'), 'kind_not_allowed'],
  ['with an actor that is no object', () => machines.sign('release', { claims: { act: 'carol' } })],
];

describe('a token', () => {
  it('of a configured issuer is an identity', async () => {
    const etlBot = countersign.apiWith(machines.sign('etl-bot'));
    const { id } = await submit(etlBot, smallExport());
    const { subject } = await awaitStatus(etlBot, id, 'pending');
    expect(subject).toEqual({ type: 'Agent', id: 'etl-bot', properties: {} });
  });

  it.each(INVALID)('%s is none', async (_what, make, code = 'token_invalid') => {
    const caller = countersign.apiWith(make());
    const answer = await appendsNothing(countersign.log, () => caller.post('/v1/requests', smallExport()));
    expectProblem(answer, { status: 401, code });
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="countersign", error="invalid_token", error_description="${code}"`,
    );
    expect(answer.text).not.toMatch(/signature|key|etl-bot/i);
  });

  it.each([
    ['without a token', {}],
    ['with another scheme', { authorization: 'Basic ZXRsLWJvdDp4' }],
    ['with two tokens in one', { authorization: 'Bearer a.b.c, Bearer d.e.f' }],
    ['with a token in the address', {}, '?access_token=a.b.c'],
  ])('is asked for %s, by a challenge that tells nothing', async (_what, headers, query = '') => {
    const answer = await appendsNothing(countersign.log, () =>
      countersign.apiWith().post(`/v1/requests${query}`, smallExport(), headers),
    );
    expectProblem(answer, { status: 401, code: 'unauthenticated' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="countersign"');
  });

  it('is asked for everywhere but at what anyone may read', async () => {
    const described = (await countersign.apiWith().get('/openapi.json')).json as {
      paths: Record<string, Record<string, { security?: unknown[] }>>;
    };
    const open = Object.entries(described.paths)
      .filter(([, methods]) => Object.values(methods).some(({ security }) => security?.length === 0))
      .map(([path]) => path);
    const wellKnown = [
      '/asyncapi.json',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/openapi.json',
      '/.well-known/jwks.json',
      // Proven by the platform's own signature instead; nothing is received where it isn't configured.
      '/v1/slack/{path}',
      '/v1/teams/{path}',
    ];
    for (const path of open) expect(wellKnown).toContain(path);
    for (const path of Object.keys(described.paths).filter((each) => !open.includes(each))) {
      const method = described.paths[path]?.['get'] === undefined ? 'post' : 'get';
      expect((await countersign.apiWith()[method](path)).status).toBe(401);
    }
  });
});

describe('who stands behind a token', () => {
  it("is nobody where a person's token names somebody else as acting", async () => {
    const caller = countersign.apiWith(await countersign.token(ALICE, 'bob'));
    expectProblem(await caller.get('/v1/reviews'), { status: 403, code: 'delegated_person' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a group owns it and no initiator is named', {}, 'initiator_required'],
    ['its initiator is unknown', { act: { sub: 'mallory' } }, 'unknown_initiator'],
    ['its initiator is a machine', { act: { sub: 'etl-bot' } }, 'unknown_initiator'],
  ])('may not ask where %s', async (_what, claims, code) => {
    const caller = countersign.apiWith(machines.sign('release', { claims }));
    const answer = await appendsNothing(countersign.log, () => caller.post('/v1/requests', smallExport()));
    expectProblem(answer, { status: 403, code });
  });

  it('is named with the initiator where there is one', async () => {
    const { subject } = await submit(await countersign.api(RELEASE, 'carol'), smallExport());
    expect(subject.properties).toEqual({ initiator: 'carol' });
  });
});

describe('a key of ours for one purpose', () => {
  const NAMES = ['intake', 'policy', 'credentials', 'receipt', 'grant-token'];
  it.each(NAMES)('signs no identity: %s', async (name) => {
    const { kid, privateKey } = loadOrCreateKey(keysFolderOf(countersign.dataFolder), name);
    const header = { alg: 'EdDSA', typ: DEVELOPMENT_ISSUER.typ, kid };
    const claims = {
      iss: DEVELOPMENT_ISSUER.issuer,
      aud: DEVELOPMENT_ISSUER.audience,
      sub: ALICE,
      exp: nowS() + 60,
    };
    const answer = await countersign.apiWith(makeToken(header, claims, privateKey)).get('/v1/reviews');
    expectProblem(answer, { status: 401, code: 'token_invalid' });
  });
});

describe('an action token and an identity', () => {
  it('are never taken for each other', async () => {
    const etlBot = await countersign.api(ETL_BOT);
    const { id } = await submit(etlBot);
    await approve(await countersign.api(ALICE), await awaitStatus(etlBot, id, 'pending'));
    const { grantId, token } = await claim(etlBot, id);
    for (const path of [`/v1/requests/${id}`, '/v1/reviews']) {
      expectProblem(await countersign.apiWith(token).get(path), { status: 401, code: 'token_invalid' });
    }
    const { subject, action, resource, context } = await awaitStatus(etlBot, id, 'approved');
    const body = { subject, action, resource, context, token: await countersign.token(ETL_BOT) };
    const answer = await appendsNothing(countersign.log, () => etlBot.post('/v1/grants/redemptions', body));
    expectProblem(answer, { status: 401, code: 'token_invalid', field: 'token' });
    expect(countersign.log.types(`grant-${grantId}`)).toEqual(['GrantOpened', 'TokenIssued']);
  });
});

it('no token stands in anything that the process wrote', () => {
  expect(countersign.output).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./);
});

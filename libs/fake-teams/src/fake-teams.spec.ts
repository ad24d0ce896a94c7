import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textMessage } from './activities.ts';
import { CARD_LIMIT } from './card-rules.ts';
import type { FakeConversation, FakePerson } from './conversations.ts';
import { FakeTeams } from './fake-teams.ts';
import { RateLimit } from './faults.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const alice: FakePerson = {
  aadObjectId: 'aaaaaaaa-0000-4000-8000-000000000001',
  name: 'Alice',
  tenantId: TENANT,
  userRole: 'user',
};

const card = (text = 'Hello', extra: object = {}) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [
    { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text }] },
    { type: 'Input.Text', id: 'reason', isRequired: true },
  ],
  actions: [{ type: 'Action.Execute', title: 'Go', verb: 'go', data: { n: 1 } }],
  ...extra,
});

const message = (content: object) => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
});

describe('a Teams of our own', () => {
  let teams: FakeTeams;
  let chat: FakeConversation;
  let token: string;

  beforeEach(async () => {
    teams = await FakeTeams.start();
    chat = teams.conversations.add({ id: '19:chat@thread.v2', scope: 'groupChat', tenantId: TENANT }, [
      alice,
    ]);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: teams.appId,
      client_secret: teams.appSecret,
      scope: 'https://api.botframework.com/.default',
    });
    const granted = await fetch(teams.endpoints.tokenUrl, { method: 'POST', body: form });
    ({ access_token: token } = (await granted.json()) as { access_token: string });
  });
  afterEach(() => teams.stop());

  const call = (method: string, path: string, body?: object, bearer = token) =>
    fetch(`${teams.serviceUrl}v3/${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const activities = `conversations/${encodeURIComponent('19:chat@thread.v2')}/activities`;
  const post = async (content: object = card()) => {
    const answer = await call('POST', activities, message(content));
    return ((await answer.json()) as { id: string }).id;
  };

  it('publishes the keys of what it mints, each with whom it may speak for', async () => {
    const metadata = (await (await fetch(teams.endpoints.openIdMetadataUrl)).json()) as { jwks_uri: string };
    const jwks = (await (await fetch(metadata.jwks_uri)).json()) as JSONWebKeySet;
    const verify = (jwt: string) => jwtVerify(jwt, createLocalJWKSet(jwks), { audience: teams.appId });
    expect((await verify(await teams.mint())).payload).toMatchObject({
      iss: 'https://api.botframework.com',
      serviceurl: teams.serviceUrl,
    });
    expect(
      jwks.keys.map(({ kid, ...key }) => [kid, 'endorsements' in key ? key.endorsements : undefined]),
    ).toEqual([
      ['teams', ['msteams']],
      ['webchat', ['webchat']],
      ['unendorsed', undefined],
    ]);
    await expect(verify(await teams.mint({ key: 'stranger' }))).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
    await expect(verify(await teams.mint({ claims: { exp: 1 } }))).rejects.toMatchObject({
      code: 'ERR_JWT_EXPIRED',
    });
    expect(
      decodeJwt(await teams.mint({ unsigned: true, claims: { serviceurl: undefined } })),
    ).not.toHaveProperty('serviceurl');
  });

  it('hears nobody without a token of its own', async () => {
    expect((await call('POST', activities, message(card()), 'stolen')).status).toBe(401);
    teams.accessTokens.revokeAll();
    expect((await call('POST', activities, message(card()))).status).toBe(401);
    expect(teams.conversations.messages.size).toBe(0);
  });

  it.each([
    ['a later version than Teams shows', { version: '1.6' }, 400],
    ['an element it does not know', { body: [{ type: 'Table' }] }, 400],
    ['a member it would drop in silence', { body: [{ type: 'TextBlock', text: 'x', onClick: 'y' }] }, 400],
    ['what is too large', { body: [{ type: 'TextBlock', text: 'x'.repeat(CARD_LIMIT) }] }, 413],
  ])('refuses %s', async (_, extra, status) => {
    expect((await call('POST', activities, message(card('x', extra)))).status).toBe(status);
  });

  it('refuses who sends too fast, and says for how long', async () => {
    const slow = new RateLimit([{ calls: 2, withinMs: 10_000 }]);
    expect([slow.refuse('a', 0), slow.refuse('a', 4_000), slow.refuse('b', 4_000)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([slow.refuse('a', 5_500), slow.refuse('a', 10_000)]).toEqual([5, undefined]);
  });

  it('fails as it is told: before or after it did what was asked', async () => {
    teams.faults.next({ kind: 'status', status: 429, retryAfterS: 7 });
    const refused = await call('POST', activities, message(card()));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    teams.faults.next({ kind: 'drop', applied: false });
    await expect(call('POST', activities, message(card()))).rejects.toThrow('fetch failed');
    expect(teams.conversations.messages.size).toBe(0);
    teams.faults.next({ kind: 'drop', applied: true });
    await expect(call('POST', activities, message(card()))).rejects.toThrow('fetch failed');
    teams.faults.next({ kind: 'lost-answer', status: 502 });
    expect((await call('POST', activities, message(card()))).status).toBe(502);
    expect(teams.conversations.messages.size).toBe(2);
  });

  it('shows an edit to everybody, and an answer to who clicked alone', async () => {
    const bob = { ...alice, aadObjectId: 'bbbbbbbb-0000-4000-8000-000000000002', name: 'Bob' };
    const id = await post();
    teams.message(id).ownViews.set(alice.aadObjectId, card('for Alice'));
    expect(teams.seenBy(alice, id)).toEqual(card('for Alice'));
    expect(teams.seenBy(bob, id)).toEqual(card());
    await call('PUT', `${activities}/${id}`, message(card('edited')));
    expect([teams.seenBy(alice, id), teams.seenBy(bob, id)]).toEqual([card('edited'), card('edited')]);
  });

  it('sends what was typed with what the button holds, and nothing without what is required', async () => {
    const id = await post();
    const click = { person: alice, messageId: id, verb: 'go' };
    expect(() => teams.clickActivity(click)).toThrow('reason');
    expect(() => teams.clickActivity({ ...click, verb: 'other' })).toThrow('no button');
    expect(teams.clickActivity({ ...click, inputs: { reason: 'Why' } })).toMatchObject({
      name: 'adaptiveCard/action',
      replyToId: id,
      from: { aadObjectId: alice.aadObjectId },
      value: { action: { verb: 'go', data: { n: 1, reason: 'Why' } } },
    });
  });

  it('tells of members, page by page, and of the kinds of channels', async () => {
    const people = Array.from({ length: 51 }, (_, nth) => ({ ...alice, aadObjectId: `person-${nth}` }));
    const id = '19:room@thread.tacv2';
    teams.conversations.add(
      { id, scope: 'channel', tenantId: TENANT, team: { id: '19:team@thread.tacv2', type: 'private' } },
      people,
    );
    const read = async (path: string) => (await call('GET', path)).json();
    const page = await read(`conversations/${id}/pagedmembers`);
    expect(page).toMatchObject({ continuationToken: '50' });
    const rest = await read(`conversations/${id}/pagedmembers?continuationToken=50`);
    expect(rest).toMatchObject({ members: [{ aadObjectId: 'person-50', userRole: 'user' }] });
    expect((await call('GET', `conversations/${id}/members/nobody`)).status).toBe(404);
    expect(await read('teams/19:team@thread.tacv2/conversations')).toMatchObject({
      conversations: [{ id, type: 'private' }],
    });
  });

  it('opens the same personal chat each time', async () => {
    const create = async () =>
      (
        await call('POST', 'conversations', { members: [{ id: alice.aadObjectId }], tenantId: TENANT })
      ).json();
    const opened = await create();
    expect(await create()).toEqual(opened);
    expect(opened).toMatchObject({ id: expect.stringMatching(/^a:/) as string });
  });

  it('names the words it delivers as Teams does', () => {
    expect(textMessage(teams.frame(chat, alice), 'hi')).toMatchObject({
      channelId: 'msteams',
      conversation: { tenantId: TENANT, conversationType: 'groupChat' },
      channelData: { tenant: { id: TENANT } },
    });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeConversation, FakePerson } from './conversations.ts';
import { FakeTeams } from './fake-teams.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const OTHER_TENANT = '22222222-2222-4222-8222-222222222222';
const GROUP = '44444444-4444-4444-8444-444444444444';
const GRAPH = 'https://graph.microsoft.com/.default';
const alice: FakePerson = {
  aadObjectId: 'aaaaaaaa-0000-4000-8000-000000000001',
  name: 'Alice',
  tenantId: TENANT,
  userRole: 'user',
};
const CARD = 'application/vnd.microsoft.card.adaptive';
const card = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: 'x', id: 'mark' }] };

interface Message {
  readonly id: string;
  readonly from: { readonly application: { readonly id: string } | null; readonly user: unknown };
  readonly attachments: readonly { readonly contentType: string; readonly content: string }[];
  readonly deletedDateTime: string | null;
}
interface Page {
  readonly value: readonly Message[];
  readonly '@odata.nextLink'?: string;
}

describe('a Graph of our own', () => {
  let teams: FakeTeams;
  let chat: FakeConversation;
  let room: FakeConversation;

  beforeEach(async () => {
    teams = await FakeTeams.start();
    const { conversations } = teams;
    chat = conversations.add({ id: '19:chat@thread.v2', scope: 'groupChat', tenantId: TENANT }, [alice]);
    const team = { id: '19:team@thread.tacv2', type: 'standard', groupId: GROUP } as const;
    room = conversations.add({ id: '19:room@thread.tacv2', scope: 'channel', tenantId: TENANT, team }, [
      alice,
    ]);
    teams.graph.consents.add(chat.id).add(GROUP);
  });
  afterEach(() => teams.stop());

  const tokenFrom = async (url: string, scope: string) => {
    const form = { grant_type: 'client_credentials', client_id: teams.appId, client_secret: teams.appSecret };
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ ...form, scope }) });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    return { status: answer.status, token };
  };
  const ofTenant = (tenant: string) => `${teams.url}/${tenant}/oauth2/v2.0/token`;
  const get = async (path: string, token?: string) => {
    const bearer = token ?? (await tokenFrom(ofTenant(TENANT), GRAPH)).token;
    return fetch(URL.parse(path, `${teams.endpoints.graphUrl}v1.0/`) ?? '', {
      headers: { authorization: `Bearer ${bearer}` },
    });
  };
  const page = async (path: string) => (await (await get(path)).json()) as Page;
  const inChat = () => `chats/${encodeURIComponent(chat.id)}/messages`;
  const inRoom = () => `teams/${GROUP}/channels/${encodeURIComponent(room.id)}/messages`;
  const say = (text: string, conversation = chat) =>
    teams.conversations.post(conversation.id, { type: 'message', text });

  it('is read with a token of the tenant for Graph, and with no other', async () => {
    expect((await get(inChat())).status).toBe(200);
    const ofConnector = await tokenFrom(teams.endpoints.tokenUrl, 'https://api.botframework.com/.default');
    expect((await get(inChat(), ofConnector.token)).status).toBe(401);
    expect((await get(inChat(), 'stolen')).status).toBe(401);
    expect((await tokenFrom(teams.endpoints.tokenUrl, GRAPH)).status).toBe(400);
    teams.accessTokens.strangers.add(TENANT);
    expect((await tokenFrom(ofTenant(TENANT), GRAPH)).status).toBe(400);
    teams.accessTokens.strangers.clear();
    const ofOthers = await tokenFrom(ofTenant(OTHER_TENANT), GRAPH);
    expect((await get(inChat(), ofOthers.token)).status).toBe(404);
    const { token = '' } = await tokenFrom(ofTenant(TENANT), GRAPH);
    const posted = await fetch(`${teams.serviceUrl}v3/conversations/${chat.id}/activities`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ type: 'message', text: 'x' }),
    });
    expect(posted.status).toBe(401);
  });

  it('opens what consented to it alone, by the right names', async () => {
    expect((await get(inRoom())).status).toBe(200);
    expect((await get(`teams/${TENANT}/channels/${room.id}/messages`)).status).toBe(404);
    expect((await get(`chats/${room.id}/messages`)).status).toBe(404);
    teams.graph.consents.clear();
    expect([(await get(inRoom())).status, (await get(inChat())).status]).toEqual([403, 403]);
    const personal = teams.conversations.personalChat(alice);
    expect((await get(`chats/${encodeURIComponent(personal.id)}/messages`)).status).toBe(403);
  });

  it('tells newest first, page by page, what is in that conversation and no more', async () => {
    const sent = [say('1'), say('2'), say('3')].map(({ id }) => id);
    say('elsewhere', room);
    teams.graph.pageSize = 2;
    const first = await page(`${inChat()}?$top=50&$orderby=createdDateTime desc`);
    expect(first.value.map(({ id }) => id)).toEqual([sent[2], sent[1]]);
    const second = await page(first['@odata.nextLink'] ?? '');
    expect(second.value.map(({ id }) => id)).toEqual([sent[0]]);
    expect(second).not.toHaveProperty('@odata.nextLink');
  });

  it('takes no more than it knows', async () => {
    expect((await get(`${inChat()}?$top=51`)).status).toBe(400);
    expect((await get(`${inRoom()}?$orderby=createdDateTime desc`)).status).toBe(400);
  });

  it('says who wrote what, with a card as a string, and what was deleted', async () => {
    const activity = { type: 'message', attachments: [{ contentType: CARD, content: card }] };
    const { conversations } = teams;
    conversations.post(chat.id, activity);
    conversations.post(chat.id, activity, { sender: { kind: 'app', appId: 'other' } });
    conversations.post(chat.id, activity, { sender: { kind: 'person', person: alice } });
    conversations.post(chat.id, activity, {
      sender: { kind: 'person', person: alice, through: 'other' },
    });
    conversations.post(chat.id, activity).isDeleted = true;
    const [deleted, throughOther, byAlice, byOther, byBot] = (await page(inChat())).value;
    expect(byBot?.from).toMatchObject({ application: { id: teams.appId }, user: null });
    expect(byOther?.from).toMatchObject({ application: { id: 'other' } });
    expect(throughOther?.from).toMatchObject({
      application: { id: 'other' },
      user: { id: alice.aadObjectId },
    });
    expect(byAlice?.from).toMatchObject({ application: null, user: { id: alice.aadObjectId } });
    expect(JSON.parse(byBot?.attachments[0]?.content ?? '')).toEqual(card);
    expect(deleted).toMatchObject({ deletedDateTime: expect.any(String) as string });
    expect(byBot).toMatchObject({ deletedDateTime: null });
  });

  it('lists no answers among the messages of a channel', async () => {
    const { id } = say('card', room);
    teams.conversations.post(room.id, { type: 'message', text: 'reminder' }, { replyToId: id });
    expect((await page(inRoom())).value.map((one) => one.id)).toEqual([id]);
  });

  it('fails as it is told', async () => {
    teams.graphFaults.next({ kind: 'status', status: 429, retryAfterS: 9 }, 'GET');
    const refused = await get(inChat());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '9']);
    teams.graphFaults.next({ kind: 'nonsense', said: '<html>' }, 'GET');
    expect(await (await get(inChat())).text()).toBe('<html>');
    expect((await get(inChat())).status).toBe(200);
    expect(teams.graph.calls).toHaveLength(3);
  });
});

import type { TokenChanges } from '@countersign/fake-teams';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { messageRef } from './message-ref.ts';
import {
  alice,
  OTHER_TENANT,
  plainSheet,
  teamsWorld,
  TENANT,
  type TeamsWorld,
} from './teams-spec-helpers.ts';

type Changes = Readonly<Record<string, unknown>>;

describe('what comes to the Teams endpoint', () => {
  let world: TeamsWorld;
  let good: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    // The library tells of each token that it refuses, on the console.
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    world = await teamsWorld();
    const sheet = plainSheet();
    const signal = new AbortController().signal;
    const ref = await world.channel.notifier.post({ channel: 'teams:ops', sheet, isRepeat: false, signal });
    const [, , , messageId = ''] = ref.split('|');
    good = world.teams.clickActivity({
      person: alice,
      messageId,
      verb: 'approve',
      inputs: { reason: 'Matches OPS-1.' },
    });
  });
  afterAll(async () => {
    await world.close();
    vi.restoreAllMocks();
  });

  let nth = 0;
  /** As a click of its own, with these changes, under a token with those. */
  const send = async (changes: Changes = {}, token: TokenChanges | string = {}) => {
    nth += 1;
    const activity = { ...good, id: `f:${nth}`, ...changes };
    const bearer = typeof token === 'string' ? token : await world.teams.mint(token);
    return (await world.teams.deliver(activity, bearer)).status;
  };

  it('is received with a token that the Bot Framework signed for this bot', async () => {
    expect(await send()).toBe(200);
    const [click] = world.desk.clicks.values();
    expect(click).toMatchObject({
      identity: { channel: 'teams', tenant: TENANT, user: alice.aadObjectId },
      clickId: 'f:1',
      decision: 'approve',
      reason: 'Matches OPS-1.',
      sawWhole: true,
    });
    world.desk.clicks.clear();
  });

  const hour = 3_600;
  const nowS = Math.floor(Date.now() / 1_000);
  it.each<[string, TokenChanges]>([
    ['signed by another key', { key: 'stranger' }],
    ['under a key id that is not published', { header: { kid: 'unknown' } }],
    ['without a key id', { header: { kid: undefined } }],
    ['unsigned, alg none', { unsigned: true }],
    ['by a key for another channel', { key: 'webchat' }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    [
      "of the emulator's issuer",
      { claims: { iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' } },
    ],
    [
      'of an Entra issuer, for this app',
      { claims: { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, ver: '2.0' } },
    ],
    ['without an issuer', { claims: { iss: undefined } }],
    ['for another audience', { claims: { aud: OTHER_TENANT } }],
    ['for no audience', { claims: { aud: undefined } }],
    ['for several audiences', { claims: { aud: ['x', 'y'] } }],
    ['that has expired', { claims: { exp: nowS - hour } }],
    ['that never expires', { claims: { exp: undefined } }],
    ['that is not valid yet', { claims: { nbf: nowS + hour } }],
    ['without a service URL', { claims: { serviceurl: undefined } }],
    ['for another service URL', { claims: { serviceurl: 'https://smba.trafficmanager.net/apac/' } }],
  ])('is not received with a token %s', async (_, token) => {
    expect(await send({}, token)).toBe(401);
    expect(world.desk.clicks.size).toBe(0);
  });

  it('is received with a published key of which nothing is said on whom it may speak for', async () => {
    // The library leaves that open: who publishes keys there is Microsoft alone.
    expect(await send({}, { key: 'unendorsed' })).toBe(200);
    world.desk.clicks.clear();
  });

  it.each([
    ['no token at all', ''],
    ['something that is no token', 'abc'],
    ['a token of three empty parts', '..'],
  ])('is not received with %s', async (_, bearer) => {
    expect(await send({}, bearer)).toBe(401);
  });

  it('is not received with a token that was changed', async () => {
    const [header, , signature] = (await world.teams.mint()).split('.');
    const [, payload] = (await world.teams.mint({ claims: { extra: true } })).split('.');
    expect(await send({}, [header, payload, signature].join('.'))).toBe(401);
  });

  const conversation = { id: '19:chat@thread.v2', tenantId: TENANT, conversationType: 'groupChat' };
  it.each<[string, number, Changes]>([
    ['names no channel', 400, { channelId: undefined }],
    ['names an empty channel', 400, { channelId: '' }],
    ['names another channel', 400, { channelId: 'webchat' }],
    ['names the channel that the library trusts for its token alone', 400, { channelId: 'AseChannel' }],
    ['names no service URL', 400, { serviceUrl: undefined }],
    ['names an empty service URL', 400, { serviceUrl: '' }],
    [
      'names another service URL than its token',
      401,
      { serviceUrl: 'https://smba.trafficmanager.net/emea/' },
    ],
    ['has no id', 400, { id: undefined }],
    ['is in no tenant', 400, { conversation: { ...conversation, tenantId: undefined } }],
    [
      'is in another tenant',
      403,
      {
        conversation: { ...conversation, tenantId: OTHER_TENANT },
        channelData: { tenant: { id: OTHER_TENANT } },
      },
    ],
    [
      'comes from another tenant than its conversation is in',
      403,
      {
        channelData: { tenant: { id: OTHER_TENANT } },
      },
    ],
    ['names nobody', 403, { from: { id: '29:x', name: 'alice' } }],
    ['names its sender by an address', 400, { from: { id: '29:x', aadObjectId: 'alice@acme.example' } }],
    ['is an invoke of another kind', 404, { name: 'task/fetch' }],
  ])('is not acted on where it %s', async (_, status, changes) => {
    expect(await send(changes)).toBe(status);
    expect(world.desk.clicks.size).toBe(0);
  });

  it('is not received from a service URL that is not on the list, though its token names it', async () => {
    const serviceUrl = 'https://smba.trafficmanager.net.evil.example/emea/';
    expect(await send({ serviceUrl }, { claims: { serviceurl: serviceUrl } })).toBe(403);
    expect(world.desk.clicks.size).toBe(0);
  });

  it.each([['{'], ['[]'], ['null'], ['{"type":"invoke"}']])('is not understood: %s', async (body) => {
    const authorization = `Bearer ${await world.teams.mint()}`;
    const request = { path: 'messages', headers: { authorization }, rawBody: Buffer.from(body) };
    expect(await world.channel.webhook?.(request)).toEqual({ status: 400 });
  });

  it('has one address', async () => {
    const request = { path: 'interactions', headers: {}, rawBody: Buffer.from('{}') };
    expect(await world.channel.webhook?.(request)).toEqual({ status: 404 });
  });

  it('counts once, however often it is replayed, and over a restart', async () => {
    const activity = { ...good, id: 'f:replayed' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.teams.deliver(activity)));
    await world.restart();
    answers.push(await world.teams.deliver(activity));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect([...world.desk.clicks.keys()]).toEqual(['f:replayed']);
    world.desk.clicks.clear();
  });

  it('is refused under an id that another activity had', async () => {
    expect(await send({ id: 'f:twice' })).toBe(200);
    expect(await send({ id: 'f:twice', locale: 'de-DE' })).toBe(400);
    world.desk.clicks.clear();
  });

  it('is not received while the log takes nothing, and is when it comes again', async () => {
    world.desk.isDown = true;
    expect(await send({ id: 'f:later' })).toBe(503);
    world.desk.isDown = false;
    expect(await send({ id: 'f:later' })).toBe(200);
    expect(world.desk.clicks.get('f:later')?.message).toBe(
      messageRef({
        tenant: TENANT,
        serviceUrl: world.teams.serviceUrl,
        conversation: '19:chat@thread.v2',
        activity: String(good['replyToId']),
      }),
    );
    world.desk.clicks.clear();
  });
});

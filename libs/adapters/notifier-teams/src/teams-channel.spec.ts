import { installation, membersAdded, textMessage } from '@countersign/fake-teams';
import { fromVisible } from '@countersign/kernel';
import type { CardDelivery, NotifierError, ReviewSheet } from '@countersign/notifier';
import { ATTACK_TEXT } from '@countersign/notifier/samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from './card-spec-helpers.ts';
import { parseMessageRef } from './message-ref.ts';
import {
  alice,
  bob,
  GROUP,
  guest,
  OTHER_TENANT,
  plainSheet,
  sheetOf,
  stranger,
  TEAM,
  TENANT,
  teamsWorld,
  type TeamsWorld,
} from './teams-spec-helpers.ts';

const signal = new AbortController().signal;

const delivery = (sheet: ReviewSheet, channel = 'teams:ops'): CardDelivery => ({
  channel,
  sheet,
  isRepeat: false,
  signal,
});

const verbsOf = ({ actions = [] }: { readonly actions?: readonly { readonly type: string }[] | undefined }) =>
  actions.flatMap((action) => ('verb' in action ? [action.verb] : []));

describe('Teams as a channel', () => {
  let world: TeamsWorld;
  beforeEach(async () => (world = await teamsWorld()));
  afterEach(() => world.close());

  const post = async (sheet: ReviewSheet, channel?: string) => {
    world.desk.sheets.set(sheet.requestId, sheet);
    const ref = await world.channel.notifier.post(delivery(sheet, channel));
    return { ref, messageId: parseMessageRef(ref).activity };
  };
  const failure = (promise: Promise<unknown> | undefined) =>
    Promise.resolve(promise).then(
      () => undefined,
      (error: unknown) => error as NotifierError,
    );

  it('shows a card, takes a decision with its reason, and shows what came of it to everybody', async () => {
    const { ref, messageId } = await post(plainSheet());
    expect(verbsOf(world.teams.seenBy(bob, messageId))).toEqual(['approve', 'deny', 'page']);
    const shown = await world.teams.click({
      person: bob,
      messageId,
      verb: 'deny',
      inputs: { reason: ' Not before the audit. ' },
    });
    expect(shown).toEqual({ kind: 'message', text: 'Your deny counts.' });
    expect([...world.desk.clicks.values()]).toMatchObject([
      {
        identity: { channel: 'teams', tenant: TENANT, user: bob.aadObjectId },
        requestId: plainSheet().requestId,
        digest: plainSheet().digest,
        cardVersion: 3,
        message: ref,
        decision: 'deny',
        reason: 'Not before the audit.',
        sawWhole: true,
      },
    ]);
    const denied = plainSheet({ status: 'denied', version: 4 });
    await world.channel.notifier.update({ ...delivery(denied), message: ref });
    for (const person of [alice, bob]) {
      const card = world.teams.seenBy(person, messageId);
      expect(verbsOf(card)).toEqual([]);
      expect(textOf(card)).toContain('The request: denied');
    }
    expect(world.teams.message(messageId).edits).toBe(1);
  });

  it('takes a click in a channel as one on the message that it posted there', async () => {
    const { ref, messageId } = await post(plainSheet(), 'teams:private');
    await world.teams.click({ person: bob, messageId, verb: 'approve', inputs: { reason: 'Fine.' } });
    expect([...world.desk.clicks.values()].map(({ message }) => message)).toEqual([ref]);
  });

  it('asks for a reason', async () => {
    const { messageId } = await post(plainSheet());
    const click = { person: bob, messageId, verb: 'approve' };
    expect(() => world.teams.clickActivity(click)).toThrow('reason');
    for (const reason of [' \n ', '\u200B\u3164\u2800']) {
      expect(await world.teams.click({ ...click, inputs: { reason } })).toEqual({
        kind: 'failure',
        text: 'Give a reason.',
      });
    }
    expect(world.desk.clicks.size).toBe(0);
  });

  it('answers that a decision is on its way where policy takes long', async () => {
    world.desk.outcome = () => new Promise(() => undefined);
    const { messageId } = await post(plainSheet());
    const shown = await world.teams.click({
      person: bob,
      messageId,
      verb: 'approve',
      inputs: { reason: 'Go.' },
    });
    expect(shown).toMatchObject({ kind: 'message', text: expect.stringContaining('recorded') as string });
    expect(world.desk.clicks.size).toBe(1);
  });

  it('shows the pages to who opened them alone, and offers to decide on the last one', async () => {
    const sheet = sheetOf('a Terraform plan');
    const { messageId } = await post(sheet);
    const shared = world.teams.seenBy(bob, messageId);
    expect(verbsOf(shared)).toEqual(['page']);
    expect(textOf(shared)).toContain('Read it in full to decide.');
    let shown = await world.teams.click({ person: alice, messageId, verb: 'page' });
    let pages = 1;
    while (shown.kind === 'card' && !verbsOf(shown.card).includes('approve')) {
      const { request, page } = { request: sheet.requestId, page: (pages += 1) };
      shown = await world.teams.click({ person: alice, messageId, verb: 'page', data: { request, page } });
    }
    expect(pages).toBeGreaterThan(1);
    expect(world.teams.seenBy(bob, messageId)).toEqual(shared);
    expect(world.teams.message(messageId).edits).toBe(0);
    expect(world.teams.seenBy(alice, messageId)).not.toEqual(shared);
    await world.teams.click({ person: alice, messageId, verb: 'approve', inputs: { reason: 'Read it.' } });
    expect([...world.desk.clicks.values()]).toMatchObject([{ sawWhole: true, decision: 'approve' }]);
  });

  it('begins again where the card has changed since its first page', async () => {
    const sheet = sheetOf('a Terraform plan');
    const { messageId } = await post(sheet);
    await world.teams.click({ person: alice, messageId, verb: 'page' });
    world.desk.sheets.set(sheet.requestId, sheetOf('a Terraform plan', { version: 9 }));
    const shown = await world.teams.click({ person: alice, messageId, verb: 'page', data: { page: 2 } });
    expect(shown).toMatchObject({ kind: 'card' });
    const text = textOf(world.teams.seenBy(alice, messageId));
    expect(text).toContain('It has changed since; read it from its beginning.');
    expect(text).toContain('Page 1 of');
  });

  it('opens nothing for who may not read it', async () => {
    const { messageId } = await post(plainSheet());
    const shown = await world.teams.click({ person: guest, messageId, verb: 'page' });
    expect(shown).toEqual({ kind: 'message', text: 'There is no such request.' });
  });

  it.each([
    ['teams:ops', true],
    ['teams:alice', true],
    ['teams:private', true],
    ['teams:standard', false],
    ['teams:shared', false],
    // With somebody in it who isn't of the tenant's own people.
    ['teams:mixed', false],
    ['teams:visited', false],
  ])('shows details only where nobody else reads along: %s', async (channel, isWhole) => {
    const sheet = sheetOf('an attack');
    const { messageId } = await post(sheet, channel);
    const text = textOf(world.teams.seenBy(alice, messageId));
    expect(text.includes('echo harmless')).toBe(isWhole);
    expect(text.includes('etl-bot')).toBe(isWhole);
    expect(text).toContain(sheet.requestId);
    expect(JSON.stringify(world.teams.message(messageId).activity['summary'])).not.toContain('etl-bot');
  });

  it('takes the details off a card when a guest has joined', async () => {
    const { ref, messageId } = await post(plainSheet());
    world.groupChat.members.set(guest.aadObjectId, guest);
    await world.channel.notifier.update({ ...delivery(plainSheet({ version: 4 })), message: ref });
    expect(textOf(world.teams.seenBy(bob, messageId))).not.toContain('pg_dump');
  });

  it.each([
    [{ kind: 'status', status: 429, retryAfterS: 7 }, 'channel_unavailable', 0],
    [{ kind: 'status', status: 403 }, 'channel_refused', 0],
    [{ kind: 'status', status: 503 }, 'delivery_uncertain', 0],
    [{ kind: 'lost-answer', status: 502 }, 'delivery_uncertain', 1],
    [{ kind: 'drop', applied: false }, 'delivery_uncertain', 0],
    [{ kind: 'drop', applied: true }, 'delivery_uncertain', 1],
  ] as const)('says what a post that failed left behind: %o', async (fault, expected, standing) => {
    world.teams.faults.next(fault);
    const error = await failure(post(plainSheet()));
    expect(error?.code).toBe(expected);
    expect(error?.retryAfterMs).toBe('retryAfterS' in fault ? 7_000 : undefined);
    expect(world.teams.conversations.messages.size).toBe(standing);
    // Once: another try is the outbox's.
    expect(world.teams.calls.filter((call) => call.endsWith('/activities'))).toHaveLength(1);
  });

  it('gives up where nobody waits any more', async () => {
    world.teams.faults.next({ kind: 'silence' });
    const ending = new AbortController();
    const posted = failure(world.channel.notifier.post({ ...delivery(plainSheet()), signal: ending.signal }));
    await expect
      .poll(() => world.teams.calls.some((call) => call.startsWith('POST')), {
        timeout: 20_000,
      })
      .toBe(true);
    ending.abort();
    expect((await posted)?.code).toBe('delivery_uncertain');
  });

  it('gets another token when the connector takes the first one no more', async () => {
    await post(plainSheet());
    world.teams.accessTokens.revokeAll();
    expect((await failure(post(plainSheet())))?.code).toBe('channel_unavailable');
    await post(plainSheet());
    expect(world.teams.accessTokens.asked).toBe(2);
  });

  it('refuses what its settings do not name, and a reference that leads elsewhere', async () => {
    expect((await failure(post(plainSheet(), 'teams:nowhere')))?.code).toBe('channel_refused');
    const foreign = [TENANT, 'https://evil.example/', '19:chat@thread.v2', '1']
      .map(encodeURIComponent)
      .join('|');
    for (const message of [foreign, 'printed']) {
      const updated = world.channel.notifier.update({ ...delivery(plainSheet()), message });
      expect((await failure(updated))?.code).toBe('channel_refused');
    }
    expect(world.teams.calls).toEqual([]);
  });

  it('reminds by an answer below the card, or in a chat by a message', async () => {
    const sheet = plainSheet();
    for (const channel of ['teams:private', 'teams:ops']) {
      const { ref } = await post(sheet, channel);
      await world.channel.notifier.remind?.({ ...delivery(sheet, channel), message: ref });
      const last = [...world.teams.conversations.messages.values()].at(-1);
      expect(last?.activity).toMatchObject({
        textFormat: 'plain',
        text: `Request ${sheet.requestId} still waits for a decision until 2026-11-20T03:15:00.000Z.`,
      });
    }
    expect(world.teams.calls.some((call) => call.includes(encodeURIComponent(';messageid=')))).toBe(true);
  });

  it('tells in a reminder how much time is left', async () => {
    const sheet = plainSheet({ expiresAt: '2999-01-01T00:00:00.000Z' });
    const { ref } = await post(sheet);
    await world.channel.notifier.remind?.({ ...delivery(sheet), message: ref });
    const last = [...world.teams.conversations.messages.values()].at(-1);
    expect(last?.activity).toMatchObject({
      text: expect.stringMatching(/until 2999-01-01T00:00:00\.000Z \(\d+ d( \d+ h)? left\)\.$/) as string,
    });
  });

  it('gathers cards in one message that decides nothing, and reads each in full', async () => {
    const one = plainSheet();
    const other = plainSheet({ requestId: '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c12' });
    for (const sheet of [one, other]) world.desk.sheets.set(sheet.requestId, sheet);
    const gathered = { channel: 'teams:ops', gatheringId: 'g1', isRepeat: false, signal };
    const ref = await world.channel.notifier.postGathered?.({ ...gathered, sheets: [one, other] });
    const messageId = parseMessageRef(ref ?? '').activity;
    expect(textOf(world.teams.seenBy(bob, messageId))).toContain('2 of these 2 requests wait for a decision');
    const data = { request: other.requestId };
    await world.teams.click({ person: alice, messageId, verb: 'page', data });
    await world.teams.click({ person: alice, messageId, verb: 'approve', inputs: { reason: 'Fine.' } });
    expect([...world.desk.clicks.values()]).toMatchObject([{ requestId: other.requestId, message: ref }]);
    const decided = plainSheet({ requestId: other.requestId, status: 'approved', version: 5 });
    await world.channel.notifier.updateGathered?.({
      ...gathered,
      sheets: [one, decided],
      message: ref ?? '',
    });
    expect(textOf(world.teams.seenBy(alice, messageId))).toContain('1 of these 2 requests waits');
  });

  const objection = (user: string, tenant = TENANT) =>
    world.channel.notifier.objectionTo?.({ channel: 'teams', tenant, user });

  it('asks Teams, at each click, who may speak for a person', async () => {
    expect(await objection(alice.aadObjectId)).toBeUndefined();
    expect(await objection(guest.aadObjectId)).toContain('Guests');
    expect(await objection(stranger.aadObjectId)).toContain('another organisation');
    expect(await objection(alice.aadObjectId, OTHER_TENANT)).toContain('no conversation');
    expect(await objection('aaaaaaaa-0000-4000-8000-000000000009')).toContain('no conversation');
    for (const { members } of world.teams.conversations.all.values()) members.delete(bob.aadObjectId);
    expect(await objection(bob.aadObjectId)).toContain('no conversation');
  });

  it('objects to nobody while Teams cannot be asked: the click waits', async () => {
    for (let nth = 0; nth < 10; nth += 1) world.teams.faults.next({ kind: 'status', status: 500 }, 'GET');
    world.teams.faults.next({ kind: 'status', status: 500 }, 'POST');
    expect((await failure(objection(bob.aadObjectId)))?.code).toBe('channel_unavailable');
  });

  it('tells in its log, once, what the settings need of a conversation that the app came to', async () => {
    const frame = world.teams.frame(world.groupChat, alice);
    for (const activity of [installation(frame, 'add'), membersAdded(frame), textMessage(frame, 'hello')])
      expect((await world.teams.deliver(activity)).status).toBe(200);
    const room = world.teams.conversations.all.get('19:private@thread.tacv2');
    if (room === undefined) throw new Error('There is no such channel.');
    await world.teams.deliver(textMessage(world.teams.frame(room, alice), 'hello'));
    const place = { tenant: TENANT, serviceUrl: world.teams.serviceUrl };
    expect(world.logged.map(([, fields]) => fields)).toEqual([
      { scope: 'groupChat', ...place, conversation: world.groupChat.id },
      { scope: 'channel', ...place, conversation: room.id, team: TEAM, group: GROUP },
    ]);
  });

  it('counts calls against the conversation, whatever it is called', () => {
    const { notifier } = world.channel;
    const pace = notifier.pace?.('teams:ops', 'post');
    expect(pace).toEqual({ allowance: `teams ${TENANT} ${world.groupChat.id}`, perMinute: 30, burst: 7 });
    expect(notifier.pace?.('teams:ops', 'update')).toEqual(pace);
    expect(notifier.pace?.('teams:alice', 'post').allowance).not.toBe(pace?.allowance);
  });

  it('shows an attack so that it can be read back exactly', async () => {
    const { messageId } = await post(sheetOf('an attack', { details: {} }));
    const text = textOf(world.teams.seenBy(alice, messageId));
    expect(fromVisible(text)).toContain(ATTACK_TEXT);
  });
});

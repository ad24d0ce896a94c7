import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault, FakeMessage, SignedCall } from '@countersign/fake-slack';
import { ACTIONS } from '../pointer.ts';
import { callWebhook, delivery, sheet, startWorld, type SlackWorldOfTests } from '../spec-helpers.ts';

const ALICE = 'U0ALICE';
const BOB = 'U0BOB';

let world: SlackWorldOfTests;
beforeEach(async () => {
  world = await startWorld();
  await world.channel.notifier.post(delivery(sheet));
});
afterEach(() => world.stop());

const card = () => world.slack.messages('C0PROD')[0]!;
const press = (user = ALICE) => world.slack.clickButton(card(), ACTIONS.approve, user);
const submit = (filled: Record<string, string> = { reason: 'Seen.' }, user = ALICE) =>
  world.slack.submitView(world.slack.viewOf(user)!, filled);
const approve = async (): Promise<void> => {
  await press();
  await submit();
};
const lastCall = (): SignedCall => world.slack.sent().at(-1)!;
const again = (call: SignedCall) => callWebhook(world.channel, call);

/** Nobody who was promised an answer waits any more. */
const settled = () => world.channel.stop?.();
const directs = (): readonly FakeMessage[] =>
  world.slack.messages().filter(({ channel }) => channel.startsWith('D'));
const calls = (method: string) => world.slack.calls.filter((call) => call.method === method);
const refuse = (code: string): void =>
  world.slack.order({ method: 'chat.postEphemeral', fault: { kind: 'refuse', code } });

describe('a private answer', () => {
  it('comes as a direct message to who only looks into the channel of the card', async () => {
    await world.channel.notifier.post(delivery(sheet, 'slack:#open'));
    await world.slack.clickButton(world.slack.messages('C0OPEN')[0]!, ACTIONS.read, BOB);
    await submit({ reason: 'Seen.', decision: 'approve' }, BOB);
    const direct = await world.slack.until(() => directs()[0]);
    expect(direct.text).toBe(`About request ${sheet.requestId}: You approved it.`);
    expect(world.slack.ephemerals()).toEqual([]);
    expect(calls('conversations.open')).toEqual([]);
  });

  it.each([
    ['has left', { members: ['U0BOT', BOB] }],
    ['sees archived meanwhile', { isArchived: true }],
    ['the app has been removed from', { members: [ALICE] }],
  ])('comes so where the card stands in a channel that one %s', async (_, change) => {
    await press();
    world.slack.changeChannel('C0PROD', change);
    await submit();
    expect((await world.slack.until(() => directs()[0])).text).toContain('You approved it.');
  });

  it.each(['not_in_channel', 'no_permission', 'restricted_action', 'channel_not_found'])(
    'comes so where Slack refuses it beside the card: %s',
    async (code) => {
      refuse(code);
      await approve();
      await world.slack.until(() => directs()[0]);
    },
  );

  it('comes so where too many have been given beside cards', async () => {
    const fault: Fault = { kind: 'status', status: 429, retryAfterS: 30 };
    world.slack.order({ method: 'chat.postEphemeral', fault });
    await approve();
    await world.slack.until(() => directs()[0]);
  });

  it.each([
    ['it takes the app for nobody', { kind: 'refuse', code: 'invalid_auth' }],
    ['it has revoked its token', { kind: 'refuse', code: 'token_revoked' }],
    ['it misses a scope', { kind: 'refuse', code: 'missing_scope' }],
    ['nobody knows whether it was shown', { kind: 'drop-after' }],
  ] satisfies [string, Fault][])('comes in no other way where Slack fails since %s', async (_, fault) => {
    world.slack.order({ method: 'chat.postEphemeral', fault });
    await approve();
    await settled();
    expect(calls('chat.postEphemeral')).toHaveLength(1);
    expect(directs()).toEqual([]);
  });

  it('tells a refusal to open a card so, too, and nothing of what the request says', async () => {
    world.desk.sheets.clear();
    await world.channel.notifier.post(delivery(sheet, 'slack:#open'));
    await world.slack.clickButton(world.slack.messages('C0OPEN')[0]!, ACTIONS.read, BOB);
    await settled();
    expect(directs()).toMatchObject([
      { text: `About request ${sheet.requestId}: There is no such request.` },
    ]);
  });

  it('keeps Slack, which wants its acknowledgement, waiting for none of it', async () => {
    world.desk.sheets.clear();
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
    world.slack.order({ method: 'chat.postEphemeral', fault: { kind: 'hold', until } });
    await press();
    expect(world.warnings).toEqual([]);
    goOn();
    await settled();
    expect(world.slack.ephemerals()).toMatchObject([{ text: 'There is no such request.' }]);
    expect(world.warnings).toEqual([]);
  });

  it.each([
    ['beside the card', undefined],
    ['as a direct message', 'user_not_in_channel'],
  ])('spells out what cannot be seen in a name, %s', async (_, refusal) => {
    const message = 'a\u202Elice\u200B decided <!channel>';
    world.desk.outcome = { kind: 'refused', code: 'review_closed', message };
    if (refusal !== undefined) refuse(refusal);
    await approve();
    const shown = await world.slack.until(() => directs()[0] ?? world.slack.ephemerals()[0]);
    expect(shown.text).toContain('a\\u{202E}lice\\u{200B} decided &lt;!channel&gt;');
    expect(JSON.stringify(shown.blocks)).toContain('a\\\\u{202E}lice\\\\u{200B} decided <!channel>');
  });
});

describe('a submission that is sent again', () => {
  it('is answered once, however often it comes, one after the other or at once', async () => {
    await approve();
    const call = lastCall();
    await world.slack.until(() => world.slack.ephemerals()[0]);
    for (let times = 0; times < 5; times += 1) await again(call);
    await Promise.all(Array.from({ length: 20 }, () => again(call)));
    await settled();
    expect(world.slack.ephemerals()).toHaveLength(1);
    expect(world.desk.clicks).toHaveLength(1);
  });

  it('is answered again where the answer could not be given', async () => {
    refuse('invalid_auth');
    await approve();
    await settled();
    expect(world.slack.ephemerals()).toEqual([]);
    await again(lastCall());
    await settled();
    expect(world.slack.ephemerals()).toHaveLength(1);
  });

  it('is answered where the first one failed', async () => {
    world.desk.failure = new Error('store_unavailable');
    await press();
    await submit();
    await submit();
    await settled();
    expect(world.slack.ephemerals()).toMatchObject([{ text: 'You approved it.' }]);
  });

  it('is a click of its own where it decides otherwise, and both are answered', async () => {
    await world.slack.clickButton(card(), ACTIONS.read, ALICE);
    const view = world.slack.viewOf(ALICE)!;
    // The decision stands, and Slack never hears so: the modal stays open with Slack's own error.
    world.slack.interactTo(async (call) => {
      await callWebhook(world.channel, call);
      return { status: 503, body: '' };
    });
    await world.slack.submitView(view, { reason: 'Seen.', decision: 'approve' });
    expect(world.slack.viewOf(ALICE)).toEqual(view);
    await world.slack.submitView(view, { reason: 'Wait.', decision: 'deny' });
    await settled();
    expect(world.desk.clicks).toMatchObject([{ decision: 'approve' }, { decision: 'deny' }]);
    expect(new Set(world.desk.clicks.map(({ clickId }) => clickId)).size).toBe(2);
    expect(world.slack.ephemerals()).toHaveLength(2);
  });
});

describe('a press of a button that is sent again', () => {
  const replay = async (): Promise<void> => {
    for (let times = 0; times < 20; times += 1) expect(await again(lastCall())).toEqual({ status: 200 });
  };

  it('opens nothing again, and is told nothing', async () => {
    await press();
    await replay();
    expect(calls('views.open')).toHaveLength(1);
    expect(world.slack.ephemerals()).toEqual([]);
  });

  it('is told once why nothing opens', async () => {
    world.desk.sheets.clear();
    await press();
    await replay();
    await settled();
    expect(world.slack.ephemerals()).toHaveLength(1);
  });
});

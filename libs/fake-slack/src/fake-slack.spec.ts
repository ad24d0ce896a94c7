import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { FakeSlack } from './fake-slack.ts';
import { signatureOf, type SignedCall } from './interactions/signed-call.ts';
import { ACME, callSlack, startSlack, StillClock } from './spec-helpers.ts';

const clock = new StillClock();
let slack: FakeSlack;
beforeEach(async () => {
  slack = await startSlack({ clock });
});
afterEach(() => slack.stop());

const post = (args: object = {}, token?: string) =>
  callSlack(slack, 'chat.postMessage', { channel: 'C0PROD', text: 'hello', ...args }, token);

const pressable = [
  {
    type: 'actions',
    block_id: 'b',
    elements: [
      { type: 'button', action_id: 'press', value: 'v', text: { type: 'plain_text', text: 'Press' } },
    ],
  },
];

const modal = (submit?: string) => ({
  type: 'modal',
  title: { type: 'plain_text', text: 'Why' },
  ...(submit !== undefined && { submit: { type: 'plain_text', text: submit } }),
  private_metadata: 'kept',
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Why' },
      element: { type: 'plain_text_input', action_id: 'reason', max_length: 20 },
    },
  ],
});

const payloadOf = ({ rawBody }: SignedCall): { readonly trigger_id: string } =>
  JSON.parse(new URLSearchParams(rawBody.toString()).get('payload') ?? '');

describe('a call of the Web API', () => {
  it.each([
    ['no token', '', 'not_authed'],
    ['an unknown token', 'xoxb-other', 'invalid_auth'],
  ])('with %s is refused', async (_, token, error) => {
    expect(await post({}, token)).toMatchObject({ ok: false, error });
  });

  it('without the scope is refused, and told which', async () => {
    await slack.stop();
    slack = await startSlack({ teams: [{ ...ACME, scopes: ['users:read'] }] });
    expect(await post()).toMatchObject({ error: 'missing_scope', needed: 'chat:write' });
  });

  it.each([
    ['a channel that is not there', { channel: 'C0NONE' }, 'channel_not_found'],
    ["a channel that the app isn't in", { channel: 'C0AWAY' }, 'not_in_channel'],
    ['nothing to say', { text: '' }, 'no_text'],
    ['blocks of no kind', { blocks: [{ type: 'marquee' }] }, 'invalid_blocks'],
    ['metadata of no shape', { metadata: { event: 1 } }, 'invalid_metadata_format'],
  ])('that posts %s is refused', async (_, args, error) => {
    expect(await post(args)).toMatchObject({ ok: false, error });
    expect(slack.messages()).toEqual([]);
  });

  it('posts, and changes what it posted', async () => {
    const { ts } = await post();
    const changed = await callSlack(slack, 'chat.update', { channel: 'C0PROD', ts, text: 'changed' });
    expect(changed).toMatchObject({ ok: true });
    expect(slack.messages('C0PROD')).toMatchObject([{ ts, text: 'changed', edits: 1 }]);
    const lost = await callSlack(slack, 'chat.update', { channel: 'C0PROD', ts: '1.1', text: 'x' });
    expect(lost).toMatchObject({ error: 'message_not_found' });
  });

  it('reads metadata back where it asks for it', async () => {
    const metadata = { event_type: 'a', event_payload: { b: 1 } };
    await post({ metadata });
    const plain = await callSlack(slack, 'conversations.history', { channel: 'C0PROD' });
    expect(plain).toMatchObject({ messages: [{ text: 'hello' }] });
    expect(JSON.stringify(plain)).not.toContain('event_type');
    const whole = await callSlack(slack, 'conversations.history', {
      channel: 'C0PROD',
      include_all_metadata: true,
    });
    expect(whole).toMatchObject({ messages: [{ metadata }], has_more: false });
  });

  it('takes one message a second for each channel after its burst, and says when the next', async () => {
    await slack.stop();
    slack = await startSlack({ clock, burst: 2 });
    expect(await post()).toMatchObject({ ok: true });
    expect(await post()).toMatchObject({ ok: true });
    expect(await post()).toEqual({ status: 429, retryAfter: '1' });
    expect(await post({ channel: 'C0OPEN' })).toMatchObject({ ok: true });
    clock.advance(1_000);
    expect(await post()).toMatchObject({ ok: true });
    expect(await post()).toMatchObject({ status: 429 });
  });

  it('answers an ephemeral message to who is there alone', async () => {
    const answer = (user: string) =>
      callSlack(slack, 'chat.postEphemeral', { channel: 'C0PROD', user, text: 'psst' });
    expect(await answer('U0ALICE')).toMatchObject({ ok: true });
    for (const user of ['U0MALLORY', 'U0NOBODY']) {
      expect(await answer(user)).toMatchObject({ error: 'user_not_in_channel' });
    }
    slack.changeChannel('C0PROD', { members: ['U0BOT', 'U0BOB'] });
    expect(await answer('U0ALICE')).toMatchObject({ error: 'user_not_in_channel' });
    slack.changeChannel('C0PROD', { members: ['U0BOT', 'U0ALICE'], isArchived: true });
    expect(await answer('U0ALICE')).toMatchObject({ error: 'is_archived' });
    expect(slack.ephemerals()).toMatchObject([{ user: 'U0ALICE', text: 'psst' }]);
  });

  it("posts to a person's id in one conversation with them, and to nobody of another workspace", async () => {
    const { channel } = await post({ channel: 'U0BOB' });
    expect(channel).toMatch(/^D/);
    expect(await post({ channel: 'U0BOB' })).toMatchObject({ ok: true, channel });
    expect(await post({ channel: 'U0ALICE' })).not.toMatchObject({ channel });
    expect(slack.messages(String(channel))).toHaveLength(2);
    expect(await post({ channel: 'U0MALLORY' })).toMatchObject({ error: 'channel_not_found' });
    slack.changeUser('U0BOB', { kind: 'deleted' });
    expect(await post({ channel: 'U0BOB' })).toMatchObject({ error: 'channel_not_found' });
  });

  it('makes a message of its own of a reply to one that somebody has deleted', async () => {
    const { ts } = await post();
    expect(await post({ thread_ts: ts })).toMatchObject({ ok: true, message: { thread_ts: ts } });
    slack.deleteMessage(slack.messages()[0]!);
    const orphan = await post({ thread_ts: ts });
    expect(orphan).toMatchObject({ ok: true });
    expect(JSON.stringify(orphan)).not.toContain('thread_ts');
  });

  it('finds no message that somebody has deleted', async () => {
    const { ts } = await post();
    slack.deleteMessage(slack.messages()[0]!);
    const changed = await callSlack(slack, 'chat.update', { channel: 'C0PROD', ts, text: 'changed' });
    expect(changed).toMatchObject({ error: 'message_not_found' });
  });

  it('knows nobody of another workspace who shares no channel', async () => {
    expect(await callSlack(slack, 'users.info', { user: 'U0MALLORY' })).toMatchObject({
      error: 'user_not_found',
    });
  });
});

describe('what is ordered', () => {
  it.each([
    ['status', { kind: 'status', status: 503 } as const, 503, 0],
    ['status-after', { kind: 'status-after', status: 502 } as const, 502, 1],
  ])('fails with the status, "%s"', async (_, fault, status, posted) => {
    slack.order({ method: 'chat.postMessage', fault });
    expect(await post()).toMatchObject({ status });
    expect(slack.messages()).toHaveLength(posted);
    expect(await post()).toMatchObject({ ok: true });
  });

  it.each([
    ['drop-before' as const, 0],
    ['drop-after' as const, 1],
  ])('ends without an answer, "%s"', async (kind, posted) => {
    slack.order({ method: 'chat.postMessage', fault: { kind } });
    await expect(post()).rejects.toThrow();
    expect(slack.messages()).toHaveLength(posted);
  });
});

describe('what people do', () => {
  const trigger = async (): Promise<string> => {
    slack.interactTo(async () => ({ status: 200, body: '' }));
    await post({ blocks: pressable });
    await slack.clickButton(slack.messages()[0]!, 'press', 'U0ALICE');
    return payloadOf(slack.sent().at(-1)!).trigger_id;
  };
  const open = (trigger_id: string, view: object = modal('Send')) =>
    callSlack(slack, 'views.open', { trigger_id, view });

  it("is signed with the app's secret, over the raw body", async () => {
    await trigger();
    const { headers, rawBody } = slack.sent()[0]!;
    expect(headers['x-slack-signature']).toBe(
      signatureOf(ACME.signingSecret, headers['x-slack-request-timestamp']!, rawBody),
    );
    expect(payloadOf(slack.sent()[0]!)).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0ALICE', team_id: 'T0ACME' },
      team: { id: 'T0ACME' },
      actions: [{ action_id: 'press', value: 'v' }],
    });
  });

  it('opens one view, once', async () => {
    const id = await trigger();
    expect(await open(id)).toMatchObject({ ok: true });
    expect(await open(id)).toMatchObject({ error: 'exchanged_trigger_id' });
    expect(await open('nothing')).toMatchObject({ error: 'invalid_trigger_id' });
  });

  it('opens no view after three seconds', async () => {
    const id = await trigger();
    clock.advance(3_001);
    expect(await open(id)).toMatchObject({ error: 'expired_trigger_id' });
  });

  it('changes a view only at the hash it has', async () => {
    await open(await trigger());
    const view = slack.viewOf('U0ALICE')!;
    const change = (hash: string) =>
      callSlack(slack, 'views.update', { view_id: view.id, hash, view: modal('Send') });
    expect(await change(view.hash)).toMatchObject({ ok: true });
    expect(await change(view.hash)).toMatchObject({ error: 'hash_conflict' });
  });

  it('sends what was filled in, and closes the view where the app says nothing else', async () => {
    await open(await trigger());
    const view = slack.viewOf('U0ALICE')!;
    await expect(slack.submitView(view, {})).rejects.toThrow('reason');
    await expect(slack.submitView(view, { reason: 'x'.repeat(21) })).rejects.toThrow('reason');
    await slack.submitView(view, { reason: 'because' });
    expect(payloadOf(slack.sent().at(-1)!)).toMatchObject({
      type: 'view_submission',
      view: {
        private_metadata: 'kept',
        state: { values: { why: { reason: { value: 'because' } } } },
      },
    });
    expect(slack.viewOf('U0ALICE')).toBeUndefined();
  });

  it('leaves a view open with its errors, and shows another where the app says so', async () => {
    await open(await trigger());
    const view = slack.viewOf('U0ALICE')!;
    slack.interactTo(async () => ({
      status: 200,
      body: JSON.stringify({ response_action: 'errors', errors: {} }),
    }));
    await slack.submitView(view, { reason: 'because' });
    expect(slack.viewOf('U0ALICE')).toEqual(view);
    slack.interactTo(async () => ({
      status: 200,
      body: JSON.stringify({
        response_action: 'update',
        view: { ...modal('Send'), private_metadata: 'new' },
      }),
    }));
    await slack.submitView(view, { reason: 'because' });
    expect(slack.viewOf('U0ALICE')?.payload.private_metadata).toBe('new');
  });

  it('is nothing for who does not see the channel', async () => {
    await trigger();
    await expect(slack.clickButton(slack.messages()[0]!, 'press', 'U0MALLORY')).rejects.toThrow('C0PROD');
    slack.changeChannel('C0PROD', { members: ['U0BOT', 'U0BOB'] });
    await expect(slack.clickButton(slack.messages()[0]!, 'press', 'U0ALICE')).rejects.toThrow('C0PROD');
  });

  it('is possible in an open channel of the workspace without being in it', async () => {
    slack.interactTo(async () => ({ status: 200, body: '' }));
    await post({ channel: 'C0OPEN', blocks: pressable });
    const [message] = slack.messages('C0OPEN');
    expect(await slack.clickButton(message!, 'press', 'U0BOB')).toMatchObject({ status: 200 });
    await expect(slack.clickButton(message!, 'press', 'U0MALLORY')).rejects.toThrow('C0OPEN');
  });
});

describe('Socket Mode', () => {
  const TEAM = { ...ACME, appToken: 'xapp-acme' };
  const connect = async (): Promise<WebSocket> => {
    const { url } = await callSlack(slack, 'apps.connections.open', {}, TEAM.appToken);
    return new WebSocket(String(url));
  };
  const next = (socket: WebSocket) =>
    new Promise<object>((resolve) => {
      socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
    });

  beforeEach(async () => {
    await slack.stop();
    slack = await startSlack({ teams: [TEAM], ackWithinMs: 50 });
  });

  it('opens for the token of an app, not of a bot', async () => {
    expect(await callSlack(slack, 'apps.connections.open', {})).toMatchObject({
      error: 'not_allowed_token_type',
    });
  });

  it('says hello, sends a click in an envelope, and waits for its ack', async () => {
    const socket = await connect();
    expect(await next(socket)).toMatchObject({ type: 'hello', num_connections: 1 });
    await post({ blocks: pressable });
    socket.once('message', (data: Buffer) => {
      const { envelope_id, type } = JSON.parse(data.toString());
      socket.send(JSON.stringify({ envelope_id, payload: { heard: type } }));
    });
    const message = slack.messages()[0]!;
    expect(await slack.clickButton(message, 'press', 'U0ALICE')).toEqual({
      status: 200,
      body: '{"heard":"interactive"}',
    });
    expect(await slack.clickButton(message, 'press', 'U0ALICE')).toMatchObject({ status: 504 });
    slack.refreshSockets();
    await slack.until(() => (socket.readyState === socket.OPEN ? true : undefined));
    slack.dropSockets();
    await slack.until(() => (slack.connections(TEAM.appToken) === 0 ? true : undefined));
  });

  it('delivers nothing where nobody is connected', async () => {
    await post({ blocks: pressable });
    expect(await slack.clickButton(slack.messages()[0]!, 'press', 'U0ALICE')).toMatchObject({ status: 503 });
  });

  it('takes a ticket once', async () => {
    const { url } = await callSlack(slack, 'apps.connections.open', {}, TEAM.appToken);
    await next(new WebSocket(String(url)));
    const again = new WebSocket(String(url));
    await expect(
      new Promise((resolve, reject) => again.on('open', resolve).on('error', reject)),
    ).rejects.toThrow('401');
  });
});

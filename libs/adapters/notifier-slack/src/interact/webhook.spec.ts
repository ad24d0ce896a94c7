import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignedCall } from '@countersign/fake-slack';
import { ACTIONS } from '../pointer.ts';
import {
  ACME,
  callWebhook,
  delivery,
  GLOBEX,
  sheet,
  startWorld,
  type SlackWorldOfTests,
} from '../spec-helpers.ts';

let world: SlackWorldOfTests;
let sent: SignedCall;
beforeEach(async () => {
  world = await startWorld({}, [ACME, GLOBEX]);
  await world.channel.notifier.post(delivery(sheet));
  await world.slack.clickButton(world.slack.messages()[0]!, ACTIONS.approve, 'U0ALICE');
  await world.slack.submitView(world.slack.viewOf('U0ALICE')!, { reason: 'Seen.' });
  sent = world.slack.sent().at(-1)!;
  world.desk.clicks.length = 0;
});
afterEach(() => world.stop());

const payload = () =>
  JSON.parse(new URLSearchParams(sent.rawBody.toString()).get('payload') ?? '') as Record<string, unknown>;
const call = (given: SignedCall) => callWebhook(world.channel, given);
const withHeaders = (headers: Record<string, string | undefined>): SignedCall =>
  ({ ...sent, headers: { ...sent.headers, ...headers } }) as SignedCall;
const MINUTE_MS = 60_000;

describe("a call to Slack's webhook", () => {
  it.each([
    [
      'a byte changed',
      () => ({ ...sent, rawBody: Buffer.from(sent.rawBody.toString().replace('Seen', 'Deny')) }),
    ],
    [
      'a byte that is no UTF-8',
      () => ({ ...sent, rawBody: Buffer.concat([sent.rawBody, Buffer.from([0xff])]) }),
    ],
    ['a byte more', () => ({ ...sent, rawBody: Buffer.concat([sent.rawBody, Buffer.from('&')]) })],
    ['no signature', () => withHeaders({ 'x-slack-signature': undefined })],
    ['a signature of another version', () => withHeaders({ 'x-slack-signature': 'v1=00' })],
    ['no timestamp', () => withHeaders({ 'x-slack-request-timestamp': undefined })],
    ['a timestamp that is no number', () => withHeaders({ 'x-slack-request-timestamp': 'NaN' })],
    ['a newer timestamp than was signed', () => withHeaders({ 'x-slack-request-timestamp': '1795168860' })],
    ['another secret', () => world.slack.sign(payload(), { secret: 'another-secret' })],
    [
      "the secret of another workspace's app",
      () => world.slack.sign(payload(), { secret: GLOBEX.signingSecret }),
    ],
    ['the past', () => signedAt(-5 * MINUTE_MS - 1_000)],
    ['the future', () => signedAt(5 * MINUTE_MS + 1_000)],
    ['tomorrow', () => signedAt(24 * 60 * MINUTE_MS)],
    [
      'a workspace that the settings lack',
      () => world.slack.sign({ ...payload(), team: { id: 'T0OTHER' } }, { secret: ACME.signingSecret }),
    ],
    ['no workspace', () => world.slack.sign({ ...payload(), team: null }, { secret: ACME.signingSecret })],
  ])('with %s is not proven', async (_, made) => {
    expect(await call(made())).toEqual({ status: 401 });
    expect(world.desk.clicks).toEqual([]);
  });

  it.each([-5 * MINUTE_MS + 1_000, 5 * MINUTE_MS - 1_000])('is taken %i ms from now', async (ms) => {
    expect(await call(signedAt(ms))).toMatchObject({ status: 200 });
  });

  it('is one click, however often it is sent again', async () => {
    for (let times = 0; times < 20; times += 1) expect(await call(sent)).toMatchObject({ status: 200 });
    expect(world.desk.clicks).toHaveLength(1);
  });

  it.each([
    ['of another type', () => ({ ...payload(), type: 'shortcut' })],
    ['without who clicked', () => ({ ...payload(), user: undefined })],
    ['of no modal of ours', () => ({ ...payload(), view: { ...viewOf(), callback_id: 'other' } })],
    ['with a pointer that is none', () => ({ ...payload(), view: { ...viewOf(), private_metadata: '{}' } })],
    [
      'with a pointer that holds more',
      () => ({
        ...payload(),
        view: { ...viewOf(), private_metadata: JSON.stringify({ ...pointer(), x: 1 }) },
      }),
    ],
    [
      'with a message that is none',
      () => ({
        ...payload(),
        view: { ...viewOf(), private_metadata: JSON.stringify({ ...pointer(), m: 'T0ACME' }) },
      }),
    ],
    [
      'with a message of another workspace',
      () => ({
        ...payload(),
        view: { ...viewOf(), private_metadata: JSON.stringify({ ...pointer(), m: 'T0GLOBEX/C1/1.1' }) },
      }),
    ],
  ])('%s is not understood', async (_, made) => {
    expect(await call(world.slack.sign(made(), { secret: ACME.signingSecret }))).toEqual({ status: 400 });
    expect(world.desk.clicks).toEqual([]);
  });

  it('of another content type, or with two payloads, is not understood', async () => {
    expect(await call(withHeaders({ 'content-type': 'application/json' }))).toEqual({ status: 400 });
    expect(await call(withHeaders({ 'content-type': undefined }))).toEqual({ status: 400 });
  });

  it('to another path is not received', async () => {
    expect(await world.channel.webhook?.({ path: 'messages', ...sent })).toEqual({ status: 404 });
  });
});

const signedAt = (ms: number): SignedCall =>
  world.slack.sign(payload(), { secret: ACME.signingSecret, nowMs: world.clock.nowMs() + ms });

const viewOf = () => payload().view as { readonly private_metadata: string };
const pointer = () => JSON.parse(viewOf().private_metadata) as object;

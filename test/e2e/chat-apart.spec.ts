import { RECORD_DECISION, type RequestView } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatApart, inSlackAlone } from './harness/chat-apart.ts';
import {
  decideInSlack,
  decideInTeams,
  decisionsOn,
  deliver,
  FILLED,
  hasButtons,
  heldBack,
  openInSlack,
  slackCard,
  teamsCard,
} from './harness/chat-people.ts';
import { PEOPLE } from './harness/chat.ts';
import { awaitStatus, bulkExport, claim, redeem, report, submit } from './harness/life-cycle.ts';
import type { Order } from './roots/orders.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** How often one click is delivered to each replica. */
const TIMES = 10;
const ONCE_IN_EACH = { slackCalls: 1, inSlack: 1, inTeams: 1, inLog: 2 };
const ONCE_IN_SLACK = { slackCalls: 1, inSlack: 1, inTeams: 0, inLog: 1 };

let apart: ChatApart;
let halfPosted: RequestView;
beforeAll(async () => {
  apart = await ChatApart.start();
  halfPosted = await leaveHalfPosted();
});
afterAll(() => apart.dispose());

/** Whoever died comes back, and nobody is told to die any more. */
beforeEach(() => apart.allUp());

/**
 * The card of this stands in Slack, and who posted it died before the log was told. First, because a claim lives for
 * half a minute: everything else happens meanwhile.
 */
const leaveHalfPosted = async (): Promise<RequestView> => {
  const request = Promise.withResolvers<RequestView>();
  const order = { order: 'die-at', name: 'before-append', place: 'delivery NotificationPosted' } as const;
  await apart.firstToDie(order, async () => request.resolve(await apart.opened(inSlackAlone())));
  return request.promise;
};

const decidedBy = ({ id }: RequestView): unknown[] =>
  decisionsOn(apart.log, id).map(({ approver, via }) => [approver, (via as { channel: string }).channel]);

const runs = async (request: RequestView): Promise<void> => {
  const requester = await apart.api();
  const { token, grantId } = await claim(requester, request.id);
  await redeem(requester, request, token);
  await report(requester, grantId);
};

/** Every card says so, and asks nobody any more. */
const allSay = async ({ id }: RequestView, status: string): Promise<void> => {
  const { chat } = apart;
  expect(hasButtons(await slackCard(chat, id, ({ text }) => text.includes(status)))).toBe(false);
  const inTeams = await teamsCard(chat, id, (content) => content.includes(status));
  expect(chat.teams.seenBy(PEOPLE.bob, inTeams).actions ?? []).toEqual([]);
};

describe('a request that is held by services apart, two of them in chat,', () => {
  it('is approved in Slack by one and in Teams by the other, runs once, and both cards, posted once, say so', async () => {
    const { chat } = apart;
    const request = await apart.opened(bulkExport());
    const [card, inTeams] = [await slackCard(chat, request.id), await teamsCard(chat, request.id)];
    expect(await decideInSlack(chat, 'alice', card)).toMatchObject({ status: 200 });
    await teamsCard(chat, request.id, (content) => content.includes('alice'));
    await decideInTeams(chat, 'bob', inTeams);
    await runs(await apart.becomes('approved', request));
    await allSay(request, 'succeeded');
    expect(decidedBy(request)).toEqual([
      ['alice', 'slack'],
      ['bob', 'teams'],
    ]);
    expect(apart.posts(request)).toEqual(ONCE_IN_EACH);
  });
});

describe('a click', () => {
  const place = RECORD_DECISION.natsSubject;
  it.each<[string, Order, number]>([
    ['before it is acknowledged', { order: 'arm', failpoints: 'after-append:InteractionReceived:kill' }, 504],
    ['before policy is asked', { order: 'die-at', name: 'before-request', place }, 200],
    ["before policy's answer is recorded", { order: 'die-at', name: 'after-request', place }, 200],
  ])(
    'is settled by the other replica, once, where the one that received it is killed %s',
    async (_, order, status) => {
      const { chat } = apart;
      const [receiver] = apart.replicas;
      const request = await apart.opened();
      const view = await openInSlack(chat, 'alice', await slackCard(chat, request.id));
      const killed = receiver.ended;
      await receiver.order(order);
      apart.clicksGoTo(receiver.address);
      expect((await chat.slack.submitView(view, FILLED)).status).toBe(status);
      expect(await killed).toMatchObject({ signal: 'SIGKILL' });
      apart.clicksGoTo(apart.address);
      await apart.becomes('approved', request);
      await allSay(request, 'approved');
      const answers = () => apart.about(request, 'InteractionAnswered').length;
      await expect.poll(answers, { timeout: 20_000 }).toBe(1);
      expect(decidedBy(request)).toEqual([['alice', 'slack']]);
      expect(apart.about(request, 'InteractionReceived')).toHaveLength(1);
      expect(apart.about(request, 'InteractionAnswered')).toMatchObject([{ data: { outcome: 'decided' } }]);
      expect(apart.posts(request)).toEqual(ONCE_IN_EACH);
    },
  );

  it('that is delivered to both replicas at once is one click and one decision, in Slack and in Teams', async () => {
    const { chat } = apart;
    const request = await apart.opened(bulkExport());
    const view = await openInSlack(chat, 'alice', await slackCard(chat, request.id));
    const call = await heldBack(chat, view, apart.address);
    const inSlack = await atBoth((address) => deliver(`${address}/v1/slack/interactions`, call));
    const person = PEOPLE.bob;
    const messageId = await teamsCard(chat, request.id, (content) => content.includes('alice'));
    const click = chat.teams.clickActivity({ person, messageId, verb: 'approve', inputs: FILLED });
    const token = await chat.teams.mint();
    const inTeams = await atBoth(async (address) => {
      apart.clicksGoTo(address);
      return (await chat.teams.deliver(click, token)).status;
    });
    apart.clicksGoTo(apart.address);
    expect(new Set([...inSlack, ...inTeams])).toEqual(new Set([200]));
    await apart.becomes('approved', request);
    expect(decidedBy(request)).toEqual([
      ['alice', 'slack'],
      ['bob', 'teams'],
    ]);
    expect(apart.about(request, 'InteractionReceived')).toHaveLength(2);
  });
});

const atBoth = (send: (address: string) => Promise<number>): Promise<readonly number[]> =>
  Promise.all(
    apart.replicas.flatMap(({ address }) => Array.from({ length: TIMES }, async () => send(address))),
  );

describe('with NATS away', () => {
  it('cards are posted and a click is taken; it counts when NATS is back', async () => {
    const { chat } = apart;
    await apart.nats.kill();
    const requester = await apart.apiOfIntake();
    const { id } = await submit(requester, bulkExport());
    const request = await awaitStatus(requester, id, 'pending');
    const [card, inTeams] = [await slackCard(chat, id), await teamsCard(chat, id)];
    // Whoever routes has taken them all out of turn by now, or soon will.
    apart.clicksGoTo(apart.replicas[1].address);
    expect(await decideInSlack(chat, 'alice', card)).toMatchObject({ status: 200 });
    apart.clicksGoTo(apart.address);
    expect(decidedBy(request)).toEqual([]);
    await apart.allUp();
    await teamsCard(chat, id, (content) => content.includes('alice'));
    await decideInTeams(chat, 'bob', inTeams);
    await apart.becomes('approved', request);
    await allSay(request, 'approved');
    expect(decidedBy(request)).toHaveLength(2);
    expect(apart.posts(request)).toEqual(ONCE_IN_EACH);
  });
});

/** Last: see `leaveHalfPosted`. */
describe('a card that was posted by a replica that died of it', () => {
  it('is found by another one when the claim has run out, not doubled, and decided on', async () => {
    const { chat } = apart;
    await expect.poll(() => apart.posts(halfPosted), { timeout: 60_000 }).toEqual(ONCE_IN_SLACK);
    expect(apart.about(halfPosted, 'NotificationAttempted')).toMatchObject([
      { data: { isRepeat: false } },
      { data: { isRepeat: true } },
    ]);
    await decideInSlack(chat, 'alice', await slackCard(chat, halfPosted.id));
    await apart.becomes('approved', halfPosted);
    await slackCard(chat, halfPosted.id, ({ text }) => text.includes('approved'));
  });
});

it('no card of all these stands twice, and the log holds what it must', () => {
  const asked = apart.log.events().filter(({ type }) => type === 'ReviewOpened');
  for (const { stream } of asked) expect(apart.posts({ id: parseStreamName(stream).id }).inSlack).toBe(1);
  apart.assertWhole();
});

import type { RequestView } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  decideInSlack,
  decideInTeams,
  decisionsOn,
  eventually,
  hasButtons,
  openInSlack,
  slackCard,
  teamsCard,
} from './harness/chat-people.ts';
import { addPolicy } from './harness/add-policy.ts';
import { Chat, PEOPLE, slackUser, TENANT, WORKSPACE } from './harness/chat.ts';
import { cli } from './harness/cli.ts';
import { Countersign } from './harness/countersign.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  actionOf,
  ALICE,
  approve,
  awaitStatus,
  bulkExport,
  claim,
  ETL_BOT,
  redeem,
  report,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CONSOLE = 'https://console.acme.example/requests/';

let chat: Chat;
let countersign: Countersign;
beforeAll(async () => {
  chat = await Chat.start();
  const editPolicies = (folder: string): void => {
    addPolicy(folder, 'data.sample', '@expires_in("5s")');
    chat.editPolicies(folder);
  };
  countersign = await Countersign.start({
    env: { ...chat.env, COUNTERSIGN_REQUEST_LINK: `${CONSOLE}{id}` },
    editPolicies,
  });
  chat.connect(countersign.address);
});
afterAll(async () => {
  await countersign.dispose();
  await chat.stop();
});

const opened = async (body: object): Promise<RequestView> => {
  const requester = await countersign.api(ETL_BOT);
  return awaitStatus(requester, (await submit(requester, body)).id, 'pending');
};

describe('a request that is held', () => {
  it('is approved in Slack by one and in Teams by the other, runs once, and both cards say so to the end', async () => {
    const request = await opened(bulkExport({ command: ['pg_dump', '--table', 'customers'] }));
    const card = await slackCard(chat, request.id);
    const inTeams = await teamsCard(chat, request.id);
    for (const shown of [JSON.stringify(card.blocks), JSON.stringify(chat.teams.message(inTeams).activity)]) {
      for (const told of [
        'etl-bot',
        'carol',
        'customers',
        'pg_dump',
        'bulk-export-needs-two',
        'DEVELOPMENT',
      ]) {
        expect(shown).toContain(told);
      }
    }

    expect((await decideInSlack(chat, 'alice', card)).status).toBe(200);
    await eventually("Alice's answer", () => chat.slack.ephemerals(slackUser('alice')).at(-1));
    await teamsCard(chat, request.id, (content) => content.includes('alice'));
    await decideInTeams(chat, 'bob', inTeams);

    const requester = await countersign.api(ETL_BOT);
    const approved = await awaitStatus(requester, request.id, 'approved');
    const { token, grantId } = await claim(requester, request.id);
    await redeem(requester, approved, token);
    await report(requester, grantId);

    const ended = await slackCard(chat, request.id, ({ text }) => text.includes('succeeded'));
    expect(hasButtons(ended)).toBe(false);
    await teamsCard(chat, request.id, (content) => content.includes('succeeded'));
    expect(chat.teams.seenBy(PEOPLE.bob, inTeams).actions).toMatchObject([
      { type: 'Action.OpenUrl', url: `${CONSOLE}${request.id}` },
    ]);

    const inView = { inViewMs: expect.any(Number) as number, sawWhole: true };
    const common = { decision: 'approve', reason: 'Agreed with finance', digest: request.digest };
    expect(decisionsOn(countersign.log, request.id)).toMatchObject([
      {
        ...common,
        approver: 'alice',
        via: {
          channel: 'slack',
          tenant: WORKSPACE.id,
          user: slackUser('alice'),
          message: `${WORKSPACE.id}/${card.channel}/${card.ts}`,
          cardVersion: expect.any(Number) as number,
          ...inView,
        },
      },
      {
        ...common,
        approver: 'bob',
        via: {
          channel: 'teams',
          tenant: TENANT,
          user: PEOPLE.bob.aadObjectId,
          message: expect.stringContaining(inTeams) as string,
          cardVersion: expect.any(Number) as number,
          ...inView,
        },
      },
    ]);
    const told = await cli(countersign, 'audit', 'show', request.id, '--as', 'dave');
    expect(told.stdout).toMatch(/alice +approve .*slack, T0ACME, U0ALICE/);
    expect(told.stdout).toMatch(new RegExp(`bob +approve .*teams, ${TENANT}, ${PEOPLE.bob.aadObjectId}`));
    expect(countersign.log.streams('interaction')).toHaveLength(2);
  });

  it('is denied with a reason, which every card shows', async () => {
    const request = await opened(smallExport());
    await decideInSlack(chat, 'bob', await slackCard(chat, request.id), 'deny');
    await awaitStatus(await countersign.api(ETL_BOT), request.id, 'denied');
    const card = await slackCard(chat, request.id, ({ text }) => text.includes('denied'));
    expect(hasButtons(card)).toBe(false);
    expect(JSON.stringify(card.blocks)).toContain('Agreed with finance');
    await teamsCard(
      chat,
      request.id,
      (content) => content.includes('denied') && content.includes('Agreed with finance'),
    );
  });

  it('holds a link that leads out, and pressing it is acknowledged and nothing more', async () => {
    const request = await opened(smallExport());
    const card = await slackCard(chat, request.id);
    expect(JSON.stringify(card.blocks)).toContain(`"url":"${CONSOLE}${request.id}"`);
    const clicks = countersign.log.streams('interaction');
    const pressed = await chat.slack.clickButton(card, 'countersign_link', slackUser('alice'));
    expect(pressed).toEqual({ status: 200, body: '' });
    await decideInSlack(chat, 'alice', card);
    await awaitStatus(await countersign.api(ETL_BOT), request.id, 'approved');
    expect(countersign.log.streams('interaction')).toHaveLength(clicks.length + 1);
  });

  it('that is too long for a message is read in full, and decided where all of it was read', async () => {
    const command = [
      'psql',
      '-c',
      `SELECT ${Array.from({ length: 1_500 }, (_, nth) => `column_${nth}`).join(', ')}`,
    ];
    const request = await opened(smallExport({ command }));
    const card = await slackCard(chat, request.id);
    expect(JSON.stringify(card.blocks)).not.toContain('countersign_approve');
    const user = slackUser('alice');
    await chat.slack.clickButton(card, 'countersign_read', user);
    const onTop = () => chat.slack.viewOf(user);
    for (let view = onTop(); view !== undefined && view.payload.submit === undefined; view = onTop()) {
      await chat.slack.clickInView(view, 'countersign_next');
    }
    const last = await eventually('The last page', onTop);
    await chat.slack.submitView(last, { decision: 'approve', reason: 'All of it is fine' });
    await awaitStatus(await countersign.api(ETL_BOT), request.id, 'approved');
    expect(decisionsOn(countersign.log, request.id)).toMatchObject([
      { approver: 'alice', via: { channel: 'slack', sawWhole: true } },
    ]);
  });
});

describe('a click that comes too late', () => {
  it('is answered with what became of the request, to who clicked alone, and changes nothing', async () => {
    const request = await opened(smallExport());
    const [card, inTeams] = [await slackCard(chat, request.id), await teamsCard(chat, request.id)];
    const [bob, view] = [slackUser('bob'), await openInSlack(chat, 'bob', card)];
    const stale = chat.teams.clickActivity({
      person: PEOPLE.bob,
      messageId: inTeams,
      verb: 'deny',
      inputs: { reason: 'Too late' },
    });
    await approve(await countersign.api(ALICE), request);
    const before = chat.slack.ephemerals(bob).length;
    await chat.slack.submitView(view, { reason: 'Too late' });
    const told = await eventually("Bob's answer", () => chat.slack.ephemerals(bob)[before]);
    expect(told.text).toContain('approved');
    expect((await chat.teams.deliver(stale)).body).toContain('approved');
    expect(decisionsOn(countersign.log, request.id)).toHaveLength(1);
  });
});

/** Last: they don't come back. */
describe('a request that neither Slack nor Teams can be told of', () => {
  it('ends as undeliverable, not as denied; until then people decide by the API', async () => {
    await chat.goAway();
    const requester = await countersign.api(ETL_BOT);
    const lost = await submit(requester, actionOf('data.sample', 'Dataset', 'customers'));
    const decided = await opened(smallExport());
    await approve(await countersign.api(ALICE), decided);
    await awaitStatus(requester, decided.id, 'approved');
    await awaitStatus(requester, lost.id, 'undeliverable');
    expect(countersign.log.stream(`review-${lost.id}`).at(-1)).toMatchObject({
      type: 'ReviewExpired',
      data: { cause: 'undeliverable' },
    });
    const attempts = countersign.log.types(`delivery-${lost.id}`);
    expect(attempts).toContain('NotificationFailed');
    expect(attempts).not.toContain('NotificationPosted');
  });
});

it('the log holds what it must', () => assertInvariants(countersign));

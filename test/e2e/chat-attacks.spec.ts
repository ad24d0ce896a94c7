import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestView } from '@countersign/contracts';
import type { SignedCall } from '@countersign/fake-slack';
import type { TokenChanges } from '@countersign/fake-teams';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  answersTo,
  decideInSlack,
  decideInTeams,
  decisionsOn,
  deliver,
  eventually,
  FILLED,
  heldBack,
  openInSlack,
  payloadOf,
  slackCard,
  teamsCard,
} from './harness/chat-people.ts';
import { Chat, PEOPLE, slackUser, WORKSPACE, type Name } from './harness/chat.ts';
import { cli } from './harness/cli.ts';
import { Countersign } from './harness/countersign.ts';
import { appendsNothing } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import { awaitStatus, bulkExport, ETL_BOT, smallExport, submit } from './harness/life-cycle.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const DAY_MS = 86_400_000;
const TIMES = 1_000;
const AT_ONCE = 25;

let chat: Chat;
let countersign: Countersign;
beforeAll(async () => {
  chat = await Chat.start();
  countersign = await Countersign.start({ env: chat.env, editPolicies: chat.editPolicies });
  chat.connect(countersign.address);
});
afterAll(async () => {
  await countersign.dispose();
  await chat.stop();
});

const opened = async (body: object = smallExport(), initiator?: string): Promise<RequestView> => {
  const requester = await countersign.api(ETL_BOT, initiator);
  return awaitStatus(requester, (await submit(requester, body)).id, 'pending');
};

const slackUrl = (): string => `${countersign.address}/v1/slack/interactions`;

/** What Slack would send of alice's approval, which nobody has got yet. */
const approvalInSlack = async (request: RequestView): Promise<SignedCall> =>
  heldBack(chat, await openInSlack(chat, 'alice', await slackCard(chat, request.id)), countersign.address);

/** The activity that alice's approval in Teams would be. */
const approvalInTeams = async (request: RequestView): Promise<Readonly<Record<string, unknown>>> =>
  chat.teams.clickActivity({
    person: PEOPLE.alice,
    messageId: await teamsCard(chat, request.id),
    verb: 'approve',
    inputs: FILLED,
  });

const many = async (send: () => Promise<unknown>, times: number): Promise<void> => {
  for (let sent = 0; sent < times; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, send));
  }
};

const clicksOn = ({ id }: RequestView) =>
  countersign.log
    .events()
    .filter(({ type, data }) => type === 'InteractionReceived' && data['requestId'] === id);

describe('what did not come from Slack as it stands', () => {
  let request: RequestView;
  let good: SignedCall;
  beforeAll(async () => {
    request = await opened();
    good = await approvalInSlack(request);
  });

  const tampered = ({ headers, rawBody }: SignedCall): SignedCall => ({
    headers,
    rawBody: Buffer.from(rawBody.toString().replace('Agreed', 'Forged')),
  });
  const without = ({ headers, rawBody }: SignedCall, name: string): SignedCall => ({
    headers: Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name)),
    rawBody,
  });
  const signed = (secret: string, laterMs = 0): SignedCall =>
    chat.slack.sign(payloadOf(good), { secret, nowMs: Date.now() + laterMs });

  it.each<[string, () => SignedCall]>([
    ['a changed body', () => tampered(good)],
    ['no signature', () => without(good, 'x-slack-signature')],
    ['no timestamp', () => without(good, 'x-slack-request-timestamp')],
    ['a signature by another secret', () => signed('another-secret')],
    ['a good signature of a day ahead', () => signed(WORKSPACE.signingSecret, DAY_MS)],
    ['a good signature of six minutes ago', () => signed(WORKSPACE.signingSecret, -360_000)],
  ])('is refused, and appends nothing: %s', async (_, call) => {
    const status = await appendsNothing(countersign.log, () => deliver(slackUrl(), call()));
    expect(status).toBe(401);
  });

  it('and as it stands it decides', async () => {
    expect(await deliver(slackUrl(), good)).toBe(200);
    await awaitStatus(await countersign.api(ETL_BOT), request.id, 'approved');
  });
});

describe('what did not come from Teams as it stands', () => {
  let request: RequestView;
  let good: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    request = await opened();
    good = await approvalInTeams(request);
  });

  it.each<[string, TokenChanges, object, number]>([
    ["somebody else's key", { key: 'stranger' }, {}, 401],
    ['a key of another channel', { key: 'webchat' }, {}, 401],
    ['no signature at all', { unsigned: true }, {}, 401],
    ['another issuer', { claims: { iss: 'https://sts.windows.net/' } }, {}, 401],
    ['another audience', { claims: { aud: randomUUID() } }, {}, 401],
    ['a token that has run out', { claims: { exp: 1_700_000_000 } }, {}, 401],
    ['another service URL', {}, { serviceUrl: 'https://evil.example/' }, 401],
    ['no service URL', {}, { serviceUrl: undefined }, 400],
    ['another tenant', {}, { channelData: { tenant: { id: randomUUID() } } }, 403],
    ['another channel', {}, { channelId: 'webchat' }, 400],
  ])('is refused, and appends nothing: %s', async (_, changes, edit, status) => {
    const token = await chat.teams.mint(changes);
    const answer = await appendsNothing(countersign.log, () =>
      chat.teams.deliver({ ...good, ...edit, id: randomUUID() }, token),
    );
    expect(answer.status).toBe(status);
  });

  it('and as it stands it decides', async () => {
    expect((await chat.teams.deliver(good)).status).toBe(200);
    await awaitStatus(await countersign.api(ETL_BOT), request.id, 'approved');
  });
});

describe('a click of somebody who may not', () => {
  let request: RequestView;
  let good: SignedCall;
  beforeAll(async () => {
    request = await opened();
    good = await approvalInSlack(request);
  });

  /** Signed by Slack as that person's, whatever their own client would have offered them. */
  const submitAs = async (name: string, of: SignedCall = good): Promise<void> => {
    const payload = payloadOf(of);
    const user = { ...(payload['user'] as object), id: slackUser(name) };
    const call = chat.slack.sign({ ...payload, user }, { secret: WORKSPACE.signingSecret });
    expect(await deliver(slackUrl(), call)).toBe(200);
  };

  const refusedAs = (id: string, user: string): Promise<string> =>
    eventually('A refusal', () => {
      const answer = answersTo(countersign.log, id).find((each) => each.user === user);
      return answer && `${answer.outcome}: ${answer.result}`;
    });

  it.each([
    ['the owner of the requester', 'carol', 'self_approval'],
    ['a person who is linked, and in no group that was asked', 'dave', 'not_eligible'],
    ['an account that nobody has linked', 'nobody', 'unknown_principal'],
  ])('decides nothing in Slack: %s', async (_, name, code) => {
    await submitAs(name);
    expect(await refusedAs(request.id, slackUser(name))).toBe(`refused: ${code}`);
    expect(decisionsOn(countersign.log, request.id)).toEqual([]);
  });

  it.each([
    ['a guest', { kind: 'restricted' }],
    ['a deleted account', { kind: 'deleted' }],
    ['a bot', { kind: 'bot' }],
    ['an account of another workspace', { team: 'T0OTHER' }],
  ] as const)('decides nothing in Slack, though it is linked: %s', async (_, change) => {
    const another = await opened();
    const call = await approvalInSlack(another);
    chat.slack.changeUser(slackUser('alice'), change);
    expect(await deliver(slackUrl(), call)).toBe(200);
    expect(await refusedAs(another.id, slackUser('alice'))).toBe('refused: account_refused');
    chat.slack.changeUser(slackUser('alice'), { kind: 'normal', team: WORKSPACE.id });
    expect(decisionsOn(countersign.log, another.id)).toEqual([]);
  });

  it.each<[string, Name, string]>([
    ['the owner of the requester', 'carol', 'self_approval'],
    ['a person who is linked, and in no group that was asked', 'dave', 'not_eligible'],
    ['an account that nobody has linked', 'nobody', 'unknown_principal'],
  ])('decides nothing in Teams: %s', async (_, name, code) => {
    await decideInTeams(chat, name, await teamsCard(chat, request.id));
    expect(await refusedAs(request.id, PEOPLE[name].aadObjectId)).toBe(`refused: ${code}`);
    expect(decisionsOn(countersign.log, request.id)).toEqual([]);
  });

  it('decides nothing in Teams, though it is linked: a guest, or somebody who has left', async () => {
    const { aadObjectId } = PEOPLE.alice;
    for (const change of ['guest', 'gone'] as const) {
      const another = await opened();
      const click = await approvalInTeams(another);
      if (change === 'gone') chat.ops.members.delete(aadObjectId);
      else chat.ops.members.set(aadObjectId, { ...PEOPLE.alice, userRole: 'guest' });
      await chat.teams.deliver(click);
      expect(await refusedAs(another.id, aadObjectId)).toBe('refused: account_refused');
      chat.ops.members.set(aadObjectId, PEOPLE.alice);
      expect(decisionsOn(countersign.log, another.id)).toEqual([]);
    }
  });

  it("decides nothing by what somebody else's own view holds", async () => {
    const another = await opened();
    const messageId = await teamsCard(chat, another.id);
    await chat.teams.click({ person: PEOPLE.alice, messageId, verb: 'page' });
    expect(chat.teams.seenBy(PEOPLE.carol, messageId)).not.toEqual(
      chat.teams.seenBy(PEOPLE.alice, messageId),
    );
    const hers = chat.teams.clickActivity({
      person: PEOPLE.alice,
      messageId,
      verb: 'approve',
      inputs: FILLED,
    });
    const { from } = chat.teams.clickActivity({
      person: PEOPLE.carol,
      messageId,
      verb: 'approve',
      inputs: FILLED,
    });
    await chat.teams.deliver({ ...hers, id: randomUUID(), from });
    expect(await refusedAs(another.id, PEOPLE.carol.aadObjectId)).toBe('refused: self_approval');
    expect(decisionsOn(countersign.log, another.id)).toEqual([]);
  });

  it('decides nothing: who it was asked on behalf of', async () => {
    const hers = await opened(smallExport(), 'alice');
    await decideInSlack(chat, 'alice', await slackCard(chat, hers.id));
    expect(await refusedAs(hers.id, slackUser('alice'))).toBe('refused: self_approval');
    expect(decisionsOn(countersign.log, hers.id)).toEqual([]);
  });

  it('decides nothing on an older card: somebody else has decided since', async () => {
    const two = await opened(bulkExport());
    const [card, inTeams] = [await slackCard(chat, two.id), await teamsCard(chat, two.id)];
    const view = await openInSlack(chat, 'bob', card);
    const stale = chat.teams.clickActivity({
      person: PEOPLE.bob,
      messageId: inTeams,
      verb: 'approve',
      inputs: FILLED,
    });
    await decideInSlack(chat, 'alice', card);
    await eventually('A decision', () => decisionsOn(countersign.log, two.id)[0]);
    await chat.slack.submitView(view, FILLED);
    await chat.teams.deliver(stale);
    for (const user of [slackUser('bob'), PEOPLE.bob.aadObjectId]) {
      expect(await refusedAs(two.id, user)).toBe('refused: card_outdated');
    }
    expect(decisionsOn(countersign.log, two.id)).toHaveLength(1);
  });

  /** Last of those: alice is a data owner no more. */
  it('decides nothing: who was taken out of the group a second ago, with the card open', async () => {
    const [inSlack, inTeams] = [await opened(), await opened()];
    const [call, click] = [await approvalInSlack(inSlack), await approvalInTeams(inTeams)];
    const path = join(countersign.policiesFolder, 'directory.yaml');
    const directory = parse(readFileSync(path, 'utf8')) as { readonly groups: Record<string, string[]> };
    directory.groups['data-owners'] = ['bob'];
    directory.groups['platform'] = ['bob', 'carol', 'alice'];
    writeFileSync(path, stringify(directory));
    const activated = await cli(
      countersign,
      'policy',
      'activate',
      countersign.policiesFolder,
      '--as',
      'carol',
    );
    expect(activated).toMatchObject({ code: 0 });
    expect(await deliver(slackUrl(), call)).toBe(200);
    await chat.teams.deliver(click);
    expect(await refusedAs(inSlack.id, slackUser('alice'))).toBe('refused: not_eligible');
    expect(await refusedAs(inTeams.id, PEOPLE.alice.aadObjectId)).toBe('refused: not_eligible');
    for (const { id } of [inSlack, inTeams]) expect(decisionsOn(countersign.log, id)).toEqual([]);
  });
});

describe('a click that is replayed a thousand times, also across a restart', () => {
  it('is one click and one decision, in Slack and in Teams', { timeout: 180_000 }, async () => {
    const [inSlack, inTeams] = [await opened(), await opened()];
    const view = await openInSlack(chat, 'bob', await slackCard(chat, inSlack.id));
    const call = await heldBack(chat, view, countersign.address);
    const click = chat.teams.clickActivity({
      person: PEOPLE.bob,
      messageId: await teamsCard(chat, inTeams.id),
      verb: 'approve',
      inputs: FILLED,
    });
    const token = await chat.teams.mint();
    await many(() => deliver(slackUrl(), call), TIMES / 2);
    await many(() => chat.teams.deliver(click, token), TIMES / 2);
    await countersign.kill();
    await countersign.restart();
    chat.connect(countersign.address);
    await many(() => deliver(slackUrl(), call), TIMES / 2);
    await many(() => chat.teams.deliver(click, token), TIMES / 2);
    const requester = await countersign.api(ETL_BOT);
    for (const request of [inSlack, inTeams]) {
      await awaitStatus(requester, request.id, 'approved');
      expect(clicksOn(request)).toHaveLength(1);
      expect(decisionsOn(countersign.log, request.id)).toHaveLength(1);
    }
  });
});

it('the log holds what it must', () => assertInvariants(countersign));

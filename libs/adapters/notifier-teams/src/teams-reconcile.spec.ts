import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildReviewSheet, type NotifierError, type ReviewSheet } from '@countersign/notifier';
import { plainCard } from '@countersign/notifier/samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from './card-spec-helpers.ts';
import { reviewMark } from './card/posted-mark.ts';
import { parseMessageRef } from './message-ref.ts';
import { alice, bob, GROUP, plainSheet, TENANT, teamsWorld, type TeamsWorld } from './teams-spec-helpers.ts';

const OTHER = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c12';
const ANOTHER_APP = '99999999-9999-4999-8999-999999999999';

const signal = new AbortController().signal;
const again = buildReviewSheet(plainCard, true);

describe('a post to Teams that nobody answered', () => {
  let world: TeamsWorld;
  beforeEach(async () => {
    world = await teamsWorld({ askGraph: true });
    world.teams.graph.consents.add(world.groupChat.id).add(GROUP);
  });
  afterEach(() => world.close());

  const failure = (promise: Promise<unknown> | undefined) =>
    Promise.resolve(promise).then(
      () => undefined,
      (error: unknown) => error as NotifierError,
    );
  const post = async (sheet: ReviewSheet, { channel = 'teams:ops', isRepeat = true } = {}) =>
    parseMessageRef(await world.channel.notifier.post({ channel, sheet, isRepeat, signal })).activity;
  const lose = async (sheet = plainSheet(), channel?: string) => {
    world.teams.faults.next({ kind: 'drop', applied: true });
    const lost = await failure(post(sheet, { ...(channel && { channel }), isRepeat: false }));
    expect(lost?.code).toBe('delivery_uncertain');
    const posted = [...world.teams.conversations.messages.values()].at(-1);
    if (posted === undefined) throw new Error('Nothing was posted.');
    return posted;
  };
  const standing = () => world.teams.conversations.messages.size;

  it.each(['teams:ops', 'teams:private', 'teams:standard'])(
    'is found, and says what is true now, alone: %s',
    async (channel) => {
      const lost = await lose(plainSheet(), channel);
      const ref = await world.channel.notifier.post({
        channel,
        sheet: buildReviewSheet({ ...plainCard, version: 4 }, true),
        isRepeat: true,
        signal,
      });
      expect(parseMessageRef(ref).activity).toBe(lost.id);
      expect([standing(), lost.edits]).toEqual([1, 1]);
      expect(textOf(world.teams.seenBy(alice, lost.id))).not.toContain('may stand above');
      // The reference is one like any other: the next change goes there.
      const over = plainSheet({ status: 'denied', version: 5 });
      await world.channel.notifier.update({ channel, sheet: over, isRepeat: false, signal, message: ref });
      expect(textOf(world.teams.seenBy(bob, lost.id))).toContain('The request: denied');
    },
  );

  it('is found when its review is over and no button is left on it', async () => {
    const over = plainSheet({ status: 'expired', version: 6 });
    const lost = await lose(over);
    expect(world.teams.seenBy(alice, lost.id).actions?.map(({ type }) => type)).not.toContain(
      'Action.Execute',
    );
    expect(await post(over)).toBe(lost.id);
  });

  it('is made where nothing stands', async () => {
    world.teams.faults.next({ kind: 'drop', applied: false });
    await failure(post(plainSheet(), { isRepeat: false }));
    const id = await post(again);
    expect(standing()).toBe(1);
    expect(textOf(world.teams.seenBy(bob, id))).toContain('may stand above');
  });

  it('is looked for on every page, up to a bound', async () => {
    const lost = await lose();
    for (let nth = 0; nth < 4; nth += 1) await post(plainSheet({ requestId: OTHER }), { isRepeat: false });
    world.teams.graph.pageSize = 1;
    expect(await post(plainSheet())).toBe(lost.id);
    await post(plainSheet({ requestId: OTHER }), { isRepeat: false });
    expect(await post(plainSheet())).not.toBe(lost.id);
    expect(world.teams.graph.calls).toHaveLength(10);
  });

  it('is not looked for among what is older than an hour', async () => {
    const lost = await lose();
    lost.createdMs -= 61 * 60_000;
    expect(await post(plainSheet())).not.toBe(lost.id);
    expect(standing()).toBe(2);
  });

  it('is not one that was deleted', async () => {
    const lost = await lose();
    lost.isDeleted = true;
    expect(await post(plainSheet())).not.toBe(lost.id);
  });

  it('is not another request, whatever that one says', async () => {
    const mark = reviewMark(OTHER);
    const element = JSON.stringify({ type: 'RichTextBlock', id: mark, inlines: [] });
    const card = JSON.stringify({ type: 'AdaptiveCard', body: [{ type: 'RichTextBlock', id: mark }] });
    const words = `${mark} ","id":"${mark}","x":" ${element} ${card} ${OTHER}`;
    const attack = plainSheet({
      justification: words,
      command: [words],
      requester: { type: 'Agent', id: mark },
      resource: { type: 'Dataset', id: words },
    });
    const attacker = await post(attack, { isRepeat: false });
    expect(JSON.stringify(world.teams.message(attacker).activity)).toContain(mark);
    const id = await post(plainSheet({ requestId: OTHER }));
    expect(id).not.toBe(attacker);
    expect(world.teams.message(attacker).edits).toBe(0);
  });

  it.each([
    ['another app', () => ({ kind: 'app', appId: ANOTHER_APP }) as const],
    ['a person', () => ({ kind: 'person', person: alice }) as const],
    [
      'a person by means of this app',
      () => ({ kind: 'person', person: alice, through: world.teams.appId }) as const,
    ],
  ])('is not the same card when %s posted it', async (_, sender) => {
    const { activity, id } = await lose();
    world.teams.conversations.messages.delete(id);
    const forged = world.teams.conversations.post(world.groupChat.id, activity, { sender: sender() });
    expect(await post(plainSheet())).not.toBe(forged.id);
    expect(forged.edits).toBe(0);
  });

  it('is not the same card in another conversation', async () => {
    const elsewhere = await lose(plainSheet(), 'teams:private');
    expect(await post(plainSheet())).not.toBe(elsewhere.id);
    expect(elsewhere.edits).toBe(0);
  });

  it('is found where it holds several cards, and is none of theirs', async () => {
    const sheets = [plainSheet(), plainSheet({ requestId: OTHER })];
    const gathered = { channel: 'teams:ops', gatheringId: plainCard.requestId, sheets, signal };
    world.teams.faults.next({ kind: 'drop', applied: true });
    await failure(world.channel.notifier.postGathered?.({ ...gathered, isRepeat: false }));
    const [lost] = world.teams.conversations.messages.values();
    const alone = await post(plainSheet());
    expect(alone).not.toBe(lost?.id);
    const ref = await world.channel.notifier.postGathered?.({ ...gathered, isRepeat: true });
    expect(parseMessageRef(ref ?? '').activity).toBe(lost?.id);
    await world.channel.notifier.updateGathered?.({ ...gathered, isRepeat: false, message: ref ?? '' });
    expect([standing(), lost?.edits]).toEqual([2, 2]);
  });

  it.each([
    [{ kind: 'status', status: 429, retryAfterS: 9 }, 9_000],
    [{ kind: 'status', status: 503 }, undefined],
    [{ kind: 'status', status: 408 }, undefined],
    [{ kind: 'drop', applied: true }, undefined],
  ] as const)('waits while Graph cannot be asked: %o', async (fault, retryAfterMs) => {
    const lost = await lose();
    world.teams.graphFaults.next(fault, 'GET');
    const error = await failure(post(plainSheet()));
    expect([error?.code, error?.retryAfterMs]).toEqual(['channel_unavailable', retryAfterMs]);
    expect(standing()).toBe(1);
    expect(await post(plainSheet())).toBe(lost.id);
  });

  it('is made again where Graph may not be asked, which is told once, with what to do', async () => {
    world.teams.graph.consents.clear();
    const lost = await lose();
    const id = await post(again);
    expect(id).not.toBe(lost.id);
    expect(textOf(world.teams.seenBy(bob, id))).toContain('may stand above');
    await post(again);
    await post(again, { channel: 'teams:private' });
    const told = world.logged.filter(([message]) => message.includes('Microsoft Graph'));
    expect(told).toMatchObject([
      [expect.stringContaining('ChatMessage.Read.Chat'), { channel: 'teams:ops' }],
      [expect.stringContaining('ChannelMessage.Read.Group'), { channel: 'teams:private' }],
    ]);
  });

  it('holds up no card where the tenant gives the app no token', async () => {
    await lose();
    world.teams.accessTokens.strangers.add(TENANT);
    await post(again);
    expect([standing(), world.teams.graph.calls.length]).toEqual([2, 0]);
  });

  it('holds up no card where Graph takes not even a new token', async () => {
    await lose();
    for (let nth = 0; nth < 2; nth += 1) world.teams.graphFaults.next({ kind: 'status', status: 401 }, 'GET');
    await post(again);
    expect(world.teams.graph.calls).toHaveLength(2);
    expect(standing()).toBe(2);
  });

  it('is found with a fresh token when the first one is taken no more', async () => {
    const lost = await lose();
    world.teams.graphFaults.next({ kind: 'status', status: 401 }, 'GET');
    expect(await post(plainSheet())).toBe(lost.id);
  });

  it('is made again where what was found may not be changed, and not before it is known', async () => {
    const lost = await lose();
    world.teams.faults.next({ kind: 'status', status: 503 }, 'PUT');
    expect((await failure(post(again)))?.code).toBe('channel_unavailable');
    expect(standing()).toBe(1);
    world.teams.faults.next({ kind: 'status', status: 404 }, 'PUT');
    const id = await post(again);
    expect(id).not.toBe(lost.id);
    expect(textOf(world.teams.seenBy(bob, id))).toContain('may stand above');
  });

  it.each(['<html>', '{"value":1}', '[]'])('is made again where Graph says %s', async (said) => {
    await lose();
    world.teams.graphFaults.next({ kind: 'nonsense', said }, 'GET');
    await post(again);
    expect(standing()).toBe(2);
  });

  it('is looked for at Graph alone, wherever that leads', async () => {
    const taken: unknown[] = [];
    const thief = createServer((request, response) => {
      taken.push(request.headers.authorization);
      response.end('{"value":[]}');
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    world.teams.graph.nextPagesAt = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/v1.0/chats`;
    world.teams.graph.pageSize = 1;
    await lose();
    await post(plainSheet({ requestId: OTHER }), { isRepeat: false });
    await post(plainSheet());
    thief.close();
    expect(taken).toEqual([]);
    expect(standing()).toBe(3);
  });

  it('is not looked for in the chat of one person, which Graph does not open', async () => {
    const first = await post(plainSheet(), { channel: 'teams:alice', isRepeat: false });
    expect(await post(again, { channel: 'teams:alice' })).not.toBe(first);
    expect(world.teams.graph.calls).toEqual([]);
    expect(world.logged).toEqual([]);
  });
});

describe('a post to Teams that nobody answered, where Graph is not to be asked', () => {
  it('is made again, and says so', async () => {
    const world = await teamsWorld();
    world.teams.graph.consents.add(world.groupChat.id);
    world.teams.faults.next({ kind: 'drop', applied: true });
    const delivery = { channel: 'teams:ops', sheet: again, isRepeat: false, signal };
    await expect(world.channel.notifier.post(delivery)).rejects.toMatchObject({ code: 'delivery_uncertain' });
    const ref = await world.channel.notifier.post({ ...delivery, isRepeat: true });
    expect(world.teams.conversations.messages.size).toBe(2);
    expect(textOf(world.teams.seenBy(bob, parseMessageRef(ref).activity))).toContain('may stand above');
    expect(world.teams.graph.calls).toEqual([]);
    await world.close();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '@countersign/fake-slack';
import { toTimestamp } from '@countersign/kernel';
import { buildReviewSheet, type NotifierError } from '@countersign/notifier';
import { plainCard } from '@countersign/notifier/samples';
import { WebClient } from '@slack/web-api';
import { ACTIONS } from '../pointer.ts';
import { ACME, delivery, longSheet, sheet, startWorld, type SlackWorldOfTests } from '../spec-helpers.ts';

let world: SlackWorldOfTests;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const notifier = () => world.channel.notifier;
const blocksText = () => JSON.stringify(world.slack.messages().at(-1)?.blocks);
const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => undefined,
    (thrown: NotifierError) => thrown,
  );
  return error?.code ?? 'ok';
};

describe('a card', () => {
  it('is posted with what it is found by, and changed in place', async () => {
    const message = await notifier().post(delivery(sheet));
    expect(message).toMatch(/^T0ACME\/C0PROD\/[0-9.]+$/);
    await notifier().update({ ...delivery({ ...sheet, version: 4, heading: 'Changed' }), message });
    expect(world.slack.messages()).toMatchObject([
      {
        edits: 1,
        text: `Changed: ${sheet.requestId}`,
        metadata: {
          event_type: 'countersign_review',
          event_payload: { request_id: sheet.requestId, version: 4 },
        },
      },
    ]);
  });

  it('offers the decision where all of it fits, with a pointer and no more', async () => {
    await notifier().post(delivery(sheet));
    const pressed = world.slack.messages()[0]?.blocks.at(-1)?.elements;
    const value = JSON.stringify({ r: sheet.requestId, d: sheet.digest, v: sheet.version });
    expect(pressed).toMatchObject([
      { action_id: ACTIONS.approve, value },
      { action_id: ACTIONS.deny, value },
      { action_id: ACTIONS.read, value },
      { action_id: ACTIONS.link, url: sheet.link },
    ]);
  });

  it('says how much it hides where it does not fit, and offers to read it only', async () => {
    await notifier().post(delivery(longSheet));
    expect(blocksText()).toMatch(/Not shown: [0-9,]+ lines? \([0-9,]+ characters\)/);
    expect(blocksText()).toContain(ACTIONS.read);
    expect(blocksText()).not.toContain(ACTIONS.approve);
  });

  it('has no buttons where nothing is asked any more', async () => {
    await notifier().post(delivery({ ...sheet, asks: false }));
    expect(blocksText()).not.toContain('"value"');
  });

  it.each([
    ['everybody can read', 'slack:#open', {}],
    ['is shared with another organisation', 'slack:#prod', { isExtShared: true }],
  ])('shows nothing of the request in a channel that %s', async (_, channel, change) => {
    world.slack.changeChannel('C0PROD', change);
    await notifier().post(delivery(sheet, channel));
    expect(blocksText()).toContain(sheet.requestId);
    expect(blocksText()).not.toContain('pg_dump');
    expect(blocksText()).not.toContain('etl-bot');
    expect(blocksText()).not.toContain(ACTIONS.approve);
  });

  it('loses its details when its channel is opened to others', async () => {
    const message = await notifier().post(delivery(sheet));
    world.slack.changeChannel('C0PROD', { isPrivate: false });
    world.clock.advance(30_000);
    await notifier().update({ ...delivery(sheet), message });
    expect(blocksText()).not.toContain('pg_dump');
  });

  it('is said again in its thread, and in the channel, with what time is left', async () => {
    const message = await notifier().post(delivery(sheet));
    const deadline = { at: toTimestamp(world.clock.nowMs() + 270_000), given: '' };
    await notifier().remind({ ...delivery({ ...sheet, deadline }), message });
    expect(world.slack.calls.at(-1)).toMatchObject({
      method: 'chat.postMessage',
      args: {
        thread_ts: world.slack.messages()[0]?.ts,
        reply_broadcast: 'true',
        text: `Still waiting, 4 min 30 s left: A request waits for a decision: ${sheet.requestId}`,
      },
    });
  });
});

describe('a card that somebody has deleted', () => {
  const changed = { ...sheet, version: 4, heading: 'Changed' };
  const lose = async (): Promise<string> => {
    const message = await notifier().post(delivery(sheet));
    world.slack.deleteMessage(world.slack.messages()[0]!);
    return message;
  };
  const titles = () => world.slack.messages().map(({ text }) => text);

  it('is shown again when it changes while it waits, and that one is kept from then on', async () => {
    const message = await lose();
    await notifier().update({ ...delivery(changed), message });
    expect(titles()).toEqual([`Changed: ${sheet.requestId}`]);
    world.clock.advance(2 * 60 * 60_000);
    const over = { ...sheet, version: 5, asks: false, status: 'denied' as const, heading: 'Over' };
    await notifier().update({ ...delivery(over), message });
    expect(titles()).toEqual([`Over: ${sheet.requestId}`]);
    expect(blocksText()).not.toContain(ACTIONS.approve);
  });

  it('is shown again when people are reminded of it', async () => {
    const message = await lose();
    await notifier().remind({ ...delivery(sheet), message });
    expect(blocksText()).toContain(ACTIONS.approve);
    await notifier().remind({ ...delivery(sheet), message });
    expect(world.slack.messages().filter(({ metadata }) => metadata !== undefined)).toHaveLength(1);
  });

  it('is not shown again where nothing is asked any more', async () => {
    const message = await lose();
    const over = { ...sheet, asks: false, status: 'denied' as const };
    expect(await codeOf(notifier().update({ ...delivery(over), message }))).toBe('channel_refused');
    expect(world.slack.messages()).toEqual([]);
  });

  it('is not shown again where Slack refuses the change for another reason', async () => {
    const message = await notifier().post(delivery(sheet));
    world.slack.order({ method: 'chat.update', fault: { kind: 'refuse', code: 'edit_window_closed' } });
    expect(await codeOf(notifier().update({ ...delivery(changed), message }))).toBe('channel_refused');
    expect(world.slack.messages()).toHaveLength(1);
  });
});

describe('a doubtful post', () => {
  const repeated = buildReviewSheet(plainCard, true);
  const MAY_STAND_TWICE = 'it may stand above';

  it.each([{ kind: 'drop-after' }, { kind: 'status-after', status: 502 }] satisfies Fault[])(
    'is found and not doubled after $kind',
    async (fault) => {
      world.slack.order({ method: 'chat.postMessage', fault });
      expect(await codeOf(notifier().post(delivery(sheet)))).toBe('delivery_uncertain');
      const message = await notifier().post(delivery({ ...sheet, version: 5 }, 'slack:#prod', true));
      expect(world.slack.messages()).toMatchObject([
        { edits: 1, metadata: { event_payload: { version: 5 } } },
      ]);
      expect(message).toContain(String(world.slack.messages()[0]?.ts));
    },
  );

  it('is posted where it never stood, and says that it may stand twice', async () => {
    world.slack.order({ method: 'chat.postMessage', fault: { kind: 'drop-before' } });
    expect(await codeOf(notifier().post(delivery(sheet)))).toBe('delivery_uncertain');
    await notifier().post(delivery(repeated, 'slack:#prod', true));
    expect(world.slack.messages()).toMatchObject([{ edits: 0 }]);
    expect(blocksText()).toContain(MAY_STAND_TWICE);
  });

  it('that was found stands alone, and says nothing of another', async () => {
    world.slack.order({ method: 'chat.postMessage', fault: { kind: 'drop-after' } });
    expect(await codeOf(notifier().post(delivery(sheet)))).toBe('delivery_uncertain');
    await notifier().post(delivery(repeated, 'slack:#prod', true));
    expect(world.slack.messages()).toMatchObject([{ edits: 1 }]);
    expect(blocksText()).not.toContain(MAY_STAND_TWICE);
  });

  it('is not taken for a message that another app marks like ours', async () => {
    await world.stop();
    const mimic = { ...ACME, botToken: 'xoxb-mimic', botId: 'B0MIMIC' };
    world = await startWorld({ teams: [ACME, mimic] });
    await new WebClient(mimic.botToken, { slackApiUrl: world.slack.apiUrl }).chat.postMessage({
      channel: 'C0PROD',
      text: 'approved',
      metadata: { event_type: 'countersign_review', event_payload: { request_id: sheet.requestId } },
    });
    await notifier().post(delivery(sheet, 'slack:#prod', true));
    expect(world.slack.messages()).toMatchObject([
      { botId: 'B0MIMIC', edits: 0 },
      { botId: 'B0ACME', edits: 0 },
    ]);
  });
});

describe('a failure', () => {
  it.each([
    ['a channel that is not there', 'slack:#none', undefined, 'channel_refused'],
    ['a channel that the app is not in', 'slack:#away', undefined, 'channel_refused'],
    ['a channel that the settings lack', 'slack:#other', undefined, 'channel_refused'],
    ['a token that is no good', 'slack:#prod', 'invalid_auth', 'channel_refused'],
    ['a scope that is missing', 'slack:#prod', 'missing_scope', 'channel_refused'],
    ['blocks that are too long', 'slack:#prod', 'msg_blocks_too_long', 'channel_refused'],
    ['an error within Slack', 'slack:#prod', 'internal_error', 'delivery_uncertain'],
    ['a limit told in words', 'slack:#prod', 'ratelimited', 'channel_unavailable'],
  ])('tells %s apart', async (_, channel, refused, code) => {
    if (refused !== undefined) {
      world.slack.order({ method: 'chat.postMessage', fault: { kind: 'refuse', code: refused } });
    }
    expect(await codeOf(notifier().post(delivery(sheet, channel)))).toBe(code);
    expect(world.slack.messages()).toEqual([]);
  });

  it('by 429 says when to come again', async () => {
    world.slack.order({
      method: 'chat.postMessage',
      fault: { kind: 'status', status: 429, retryAfterS: 7 },
    });
    await expect(notifier().post(delivery(sheet))).rejects.toMatchObject({
      code: 'channel_unavailable',
      retryAfterMs: 7_000,
    });
    expect(world.slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(1);
  });

  it('by 429 that says no time leaves no doubt about what was posted', async () => {
    world.slack.order({ method: 'chat.postMessage', fault: { kind: 'status', status: 429 } });
    expect(await codeOf(notifier().post(delivery(sheet)))).toBe('channel_unavailable');
  });

  it('to say whether a channel is private shows nothing at all', async () => {
    world.slack.order({ method: 'conversations.info', fault: { kind: 'drop-before' } });
    expect(await codeOf(notifier().post(delivery(sheet)))).toBe('channel_unavailable');
    expect(await codeOf(notifier().post(delivery(sheet)))).toBe('ok');
  });

  it('of a Slack that is not there is no doubt', async () => {
    await world.slack.stop();
    expect(await codeOf(notifier().post(delivery(sheet)))).toBe('channel_unavailable');
  });

  it('sends nothing for whom nobody waits any more', async () => {
    const call = notifier().post({ ...delivery(sheet), signal: AbortSignal.abort() });
    expect(await codeOf(call)).toBe('channel_unavailable');
    expect(world.slack.messages()).toEqual([]);
  });
});

describe('gathered cards', () => {
  const sheets = [1, 2, 3, 4, 5].map((nth) => ({
    ...sheet,
    requestId: `${sheet.requestId.slice(0, -1)}${nth}`,
  }));
  const gathered = (isRepeat = false, channel = 'slack:#prod') => ({
    ...delivery(sheet, channel, isRepeat),
    gatheringId: 'g-1',
    sheets,
  });

  it('share a message, each with its way to be read, and offer no decision', async () => {
    expect(sheets).toHaveLength(notifier().gathersAtMost);
    await notifier().postGathered(gathered());
    for (const { requestId } of sheets) expect(blocksText()).toContain(requestId);
    expect(blocksText()).toContain('etl-bot');
    expect(blocksText()).not.toContain(ACTIONS.approve);
    expect(world.slack.messages()).toHaveLength(1);
  });

  it('are found by their name after a doubtful post, and changed in place', async () => {
    world.slack.order({ method: 'chat.postMessage', fault: { kind: 'drop-after' } });
    expect(await codeOf(notifier().postGathered(gathered()))).toBe('delivery_uncertain');
    const message = await notifier().postGathered(gathered(true));
    await notifier().updateGathered({
      ...gathered(),
      sheets: sheets.map((one) => ({ ...one, asks: false, status: 'denied' as const })),
      message,
    });
    expect(world.slack.messages()).toMatchObject([{ edits: 2 }]);
    expect(blocksText()).not.toContain(ACTIONS.read);
  });

  it('tell nothing of the requests in an open channel', async () => {
    await notifier().postGathered(gathered(false, 'slack:#open'));
    expect(blocksText()).not.toContain('etl-bot');
  });
});

describe('a gathered message that somebody has deleted', () => {
  const gathered = {
    ...delivery(sheet),
    gatheringId: 'g-1',
    sheets: [sheet, { ...sheet, requestId: 'other' }],
  };

  it('is shown again while one of its requests waits', async () => {
    const message = await notifier().postGathered(gathered);
    world.slack.deleteMessage(world.slack.messages()[0]!);
    await notifier().updateGathered({ ...gathered, message });
    expect(world.slack.messages()).toMatchObject([{ metadata: { event_payload: { gathering_id: 'g-1' } } }]);
  });
});

describe('the pace', () => {
  it('is a message a second for a channel, and counts changes for the whole workspace', () => {
    expect(notifier().pace('slack:#prod', 'post')).toMatchObject({
      allowance: 'slack T0ACME C0PROD',
      perMinute: 60,
    });
    expect(notifier().pace('slack:#prod', 'update').allowance).toBe(
      notifier().pace('slack:#open', 'update').allowance,
    );
  });
});

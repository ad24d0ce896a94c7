import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeView } from '@countersign/fake-slack';
import type { OpenedSheet } from '@countersign/notifier';
import { ACTIONS } from '../pointer.ts';
import { pagesOf } from '../render/views.ts';
import {
  ACME,
  callWebhook,
  delivery,
  longSheet,
  sheet,
  startWorld,
  type SlackWorldOfTests,
} from '../spec-helpers.ts';

const ALICE = 'U0ALICE';
let world: SlackWorldOfTests;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const card = () => world.slack.messages()[0]!;
const view = (user = ALICE): FakeView => {
  const shown = world.slack.viewOf(user);
  if (shown === undefined) throw new Error('Nothing is open.');
  return shown;
};
const press = (action: keyof typeof ACTIONS, user = ALICE) =>
  world.slack.clickButton(card(), ACTIONS[action], user);
const told = (user = ALICE) => world.slack.until(() => world.slack.ephemerals(user).at(-1)?.text);
const textOf = (shown: FakeView) => JSON.stringify(shown.payload.blocks);

describe('a decision on a card that shows all', () => {
  beforeEach(() => world.channel.notifier.post(delivery(sheet)));

  it.each(['approve', 'deny'] as const)(
    'to %s is asked its reason, recorded, and answered',
    async (decision) => {
      expect(await press(decision)).toMatchObject({ status: 200 });
      expect(textOf(view())).toContain('data.export');
      expect(await world.slack.submitView(view(), { reason: '  Seen.  ' })).toEqual({
        status: 200,
        body: '',
      });
      expect(world.desk.clicks).toMatchObject([
        {
          identity: { channel: 'slack', tenant: 'T0ACME', user: ALICE },
          requestId: sheet.requestId,
          digest: sheet.digest,
          cardVersion: sheet.version,
          message: `T0ACME/C0PROD/${card().ts}`,
          decision,
          reason: 'Seen.',
          sawWhole: true,
        },
      ]);
      expect(await told()).toBe('You approved it.');
      expect(world.slack.viewOf(ALICE)).toBeUndefined();
    },
  );

  it('is a click of its own for each modal and person', async () => {
    for (const user of [ALICE, ALICE, 'U0BOB']) {
      await press('approve', user);
      await world.slack.submitView(view(user), { reason: 'Seen.' });
    }
    expect(new Set(world.desk.clicks.map(({ clickId }) => clickId)).size).toBe(3);
  });

  it('without a reason that can be seen stays open', async () => {
    await press('approve');
    for (const reason of ['   ', '\n\t', '\u200B', '\u3164\u2800', '\u202E\u{E0041}', '\u00A0\u0301']) {
      expect(await world.slack.submitView(view(), { reason })).toMatchObject({
        body: expect.stringContaining('"response_action":"errors"'),
      });
    }
    expect(world.desk.clicks).toEqual([]);
    await world.slack.submitView(view(), { reason: 'Seen.' });
    expect(world.desk.clicks).toHaveLength(1);
  });

  it('that cannot be made durable stays open and says so', async () => {
    await press('approve');
    world.desk.failure = new Error('store_unavailable');
    expect(await world.slack.submitView(view(), { reason: 'Seen.' })).toMatchObject({
      status: 200,
      body: expect.stringContaining('Nothing was recorded'),
    });
    await world.slack.submitView(view(), { reason: 'Seen.' });
    expect(world.desk.clicks).toHaveLength(1);
  });

  it('is answered with what came of it, as it is written', async () => {
    world.desk.outcome = { kind: 'refused', code: 'self_approval', message: 'You <own> it & more.' };
    await press('approve');
    await world.slack.submitView(view(), { reason: 'Seen.' });
    expect(await told()).toBe('You &lt;own&gt; it &amp; more.');
    expect(JSON.stringify(world.slack.ephemerals(ALICE)[0]?.blocks)).toContain('You <own> it & more.');
  });

  it.each([
    ['changed', { ...sheet, version: 9 }, 'has changed'],
    [
      'ended',
      { ...sheet, version: 9, asks: false, status: 'denied' as const, heading: 'The request: denied' },
      'denied',
    ],
    ['gone elsewhere', { ...sheet, asks: false }, 'in Slack'],
  ])('is not asked for where the card has %s since', async (_, now, answer) => {
    world.desk.put(now);
    await press('approve');
    expect(await told()).toContain(answer);
    expect(world.slack.viewOf(ALICE)).toBeUndefined();
  });

  it('is refused privately to who may not read it', async () => {
    world.desk.sheets.clear();
    await press('approve');
    expect(await told()).toBe('There is no such request.');
    expect(world.slack.viewOf(ALICE)).toBeUndefined();
  });

  it('is refused privately to an account that may speak for nobody', async () => {
    world.slack.changeUser(ALICE, { kind: 'restricted' });
    await press('approve');
    expect(await told()).toContain('Guests');
  });

  it('says so where nothing could be opened', async () => {
    world.slack.order({ method: 'views.open', fault: { kind: 'refuse', code: 'expired_trigger_id' } });
    expect(await press('approve')).toMatchObject({ status: 200 });
    expect(await told()).toContain('Try again');
  });

  it('waits with a modal where the sheet takes long', async () => {
    const { promise, resolve } = Promise.withResolvers<OpenedSheet>();
    world.desk.open = () => promise;
    const pressed = press('approve');
    await world.slack.until(() => world.slack.viewOf(ALICE));
    expect(textOf(view())).toContain('One moment');
    resolve({ kind: 'sheet', sheet });
    await pressed;
    expect(textOf(view())).toContain('data.export');
  });

  it('cancelled is nothing', async () => {
    await press('approve');
    await world.slack.closeView(view());
    expect(world.desk.clicks).toEqual([]);
  });
});

describe('the link on a card', () => {
  const over = { ...sheet, version: 9, status: 'denied' as const, asks: false };

  it.each([
    ['that waits', sheet, 'slack:#prod'],
    ['without details', sheet, 'slack:#open'],
    ['that shows a part', longSheet, 'slack:#prod'],
    ['that is over', over, 'slack:#prod'],
  ])('%s is acknowledged, and decides, opens and tells nothing', async (_, shown, channel) => {
    await world.channel.notifier.post(delivery(shown, channel));
    const [message] = world.slack.messages(channel === 'slack:#open' ? 'C0OPEN' : undefined);
    const before = world.slack.calls.length;
    expect(await world.slack.clickButton(message!, ACTIONS.link, ALICE)).toEqual({ status: 200, body: '' });
    expect(world.desk.clicks).toEqual([]);
    expect(world.slack.viewOf(ALICE)).toBeUndefined();
    expect(world.slack.calls.slice(before)).toEqual([]);
  });

  it('is acknowledged on gathered cards, too', async () => {
    const gathered = { channel: 'slack:#prod', gatheringId: 'g1', isRepeat: false };
    const { signal } = new AbortController();
    await world.channel.notifier.postGathered({ ...gathered, sheets: [sheet, over], signal });
    expect(await press('link')).toEqual({ status: 200, body: '' });
    expect(world.desk.clicks).toEqual([]);
  });
});

describe('reading in full', () => {
  beforeEach(async () => {
    world.desk.put(longSheet);
    await world.channel.notifier.post(delivery(longSheet));
  });

  const turn = (action: 'next' | 'previous') => world.slack.clickInView(view(), ACTIONS[action]);
  const pages = pagesOf(longSheet).length;

  it('shows every character of every row over its pages', async () => {
    await press('read');
    let read = textOf(view());
    for (let page = 2; page <= pages; page += 1) {
      await turn('next');
      read += textOf(view());
    }
    expect(pages).toBeGreaterThan(1);
    for (let nth = 0; nth < 60; nth += 1) expect(read).toContain(`sg-0a1b2c3d4e5f${nth}`);
  });

  it('offers the decision on the last page alone, with neither chosen', async () => {
    await press('read');
    for (let page = 2; page <= pages; page += 1) {
      expect(view().payload.submit).toBeUndefined();
      await turn('next');
    }
    await expect(world.slack.submitView(view(), { reason: 'Read.' })).rejects.toThrow('decision');
    await world.slack.submitView(view(), { reason: 'Read.', decision: 'deny' });
    expect(world.desk.clicks).toMatchObject([
      { decision: 'deny', reason: 'Read.', sawWhole: true, cardVersion: longSheet.version },
    ]);
  });

  it('goes back, and on again', async () => {
    await press('read');
    const first = textOf(view());
    await turn('next');
    await turn('previous');
    expect(textOf(view()).replaceAll(/blk\w+/g, '')).toBe(first.replaceAll(/blk\w+/g, ''));
  });

  it('turns one page where it is pressed twice', async () => {
    await press('read');
    const first = view();
    await Promise.all([
      world.slack.clickInView(first, ACTIONS.next),
      world.slack.clickInView(first, ACTIONS.next),
    ]);
    expect(textOf(view())).toContain('Page 2 of');
  });

  it('begins anew where the card has changed, and says so', async () => {
    await press('read');
    world.desk.put({ ...longSheet, version: 9 });
    await turn('next');
    expect(textOf(view())).toContain('Page 1 of');
    expect(textOf(view())).toContain('has changed since you began');
  });

  it('offers no decision where none is asked any more', async () => {
    world.desk.put({ ...longSheet, asks: false });
    await press('read');
    for (let page = 2; page <= pages; page += 1) await turn('next');
    expect(view().payload.submit).toBeUndefined();
  });

  it.each(['approve', 'deny'] as const)(
    'comes first, whatever says that somebody pressed %s on a card that hides a part',
    async (decision) => {
      world.slack.interactTo(async (call) => {
        const payload = new URLSearchParams(call.rawBody.toString()).get('payload') ?? '';
        const pressed: object = JSON.parse(payload.replaceAll(ACTIONS.read, ACTIONS[decision]));
        const { status } = await callWebhook(
          world.channel,
          world.slack.sign(pressed, { secret: ACME.signingSecret }),
        );
        return { status, body: '' };
      });
      await press('read');
      expect(textOf(view())).toContain('Page 1 of');
      expect(view().payload.submit).toBeUndefined();
    },
  );

  it('works from a card in an open channel, and from gathered ones', async () => {
    await world.channel.notifier.post(delivery(longSheet, 'slack:#open'));
    await world.slack.clickButton(world.slack.messages('C0OPEN')[0]!, ACTIONS.read, ALICE);
    expect(textOf(view())).toContain('Page 1 of');
  });
});

describe('workspaces of one organisation', () => {
  it('are told apart by the organisation that the settings name', async () => {
    await world.stop();
    world = await startWorld({}, [{ ...ACME, enterpriseId: 'E0ACME' }]);
    world.desk.put(sheet);
    await world.channel.notifier.post(delivery(sheet));
    expect(await press('approve')).toMatchObject({ status: 200 });
    const call = world.slack.sent()[0]!;
    const payload = JSON.parse(new URLSearchParams(call.rawBody.toString()).get('payload') ?? '') as object;
    const foreign = { ...payload, enterprise: { id: 'E0OTHER' } };
    const signed = world.slack.sign(foreign, { secret: ACME.signingSecret });
    expect(await world.channel.webhook?.({ path: 'interactions', ...signed })).toEqual({ status: 401 });
  });
});

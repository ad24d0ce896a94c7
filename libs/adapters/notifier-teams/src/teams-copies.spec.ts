import { buildReviewSheet } from '@countersign/notifier';
import { plainCard } from '@countersign/notifier/samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from './card-spec-helpers.ts';
import { parseMessageRef } from './message-ref.ts';
import { alice, bob, plainSheet, teamsWorld, type TeamsWorld } from './teams-spec-helpers.ts';

const OTHER = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c12';

const signal = new AbortController().signal;
const again = buildReviewSheet(plainCard, true);

describe('a second copy of a card in Teams', () => {
  let world: TeamsWorld;
  let copy: string;
  beforeEach(async () => {
    world = await teamsWorld();
    world.teams.faults.next({ kind: 'drop', applied: true });
    const delivery = { channel: 'teams:ops', sheet: plainSheet(), isRepeat: false, signal };
    await expect(world.channel.notifier.post(delivery)).rejects.toMatchObject({ code: 'delivery_uncertain' });
    copy = [...world.teams.conversations.messages.keys()].at(-1) ?? '';
  });
  afterEach(() => world.close());

  const postAgain = () =>
    world.channel.notifier.post({ channel: 'teams:ops', sheet: again, isRepeat: true, signal });
  const change = (message: string) =>
    world.channel.notifier.update({
      channel: 'teams:ops',
      sheet: plainSheet({ version: 4 }),
      isRepeat: false,
      signal,
      message,
    });
  const approve = (messageId: string) =>
    world.teams.click({ person: alice, messageId, verb: 'approve', inputs: { reason: 'Fine.' } });

  it('takes a decision by its pointer, and then says to who made it, and to nobody else, what it is', async () => {
    await postAgain();
    const before = world.teams.seenBy(bob, copy);
    expect(await approve(copy)).toMatchObject({ kind: 'card' });
    const seen = world.teams.seenBy(alice, copy);
    expect(textOf(seen)).toContain('Your approve counts.');
    expect(textOf(seen)).toContain('second copy');
    expect(seen.actions).toEqual([]);
    expect(world.teams.seenBy(bob, copy)).toEqual(before);
    expect(world.teams.message(copy).edits).toBe(0);
    expect([...world.desk.clicks.values()]).toMatchObject([
      { requestId: plainCard.requestId, digest: plainCard.digest, cardVersion: 3 },
    ]);
  });

  it('is no copy while it may be the only one', async () => {
    expect(await approve(copy)).toEqual({ kind: 'message', text: 'Your approve counts.' });
  });

  it('leaves the card alone that is kept, also when that was changed', async () => {
    const message = await postAgain();
    const { activity } = parseMessageRef(message);
    expect(await approve(activity)).toMatchObject({ kind: 'message' });
    await change(message);
    expect(await approve(activity)).toMatchObject({ kind: 'message' });
  });

  it('is told from a change alone, after a restart, and until then answered as any card', async () => {
    const message = await postAgain();
    await world.restart();
    expect(await approve(copy)).toMatchObject({ kind: 'message' });
    await change(message);
    expect(await approve(copy)).toMatchObject({ kind: 'card' });
  });

  it('is known for each of several cards that share a message', async () => {
    const sheets = [plainSheet(), plainSheet({ requestId: OTHER })];
    const gathered = { channel: 'teams:ops', gatheringId: 'g', sheets, signal, isRepeat: false };
    await world.channel.notifier.postGathered?.(gathered);
    expect(await approve(copy)).toMatchObject({ kind: 'card' });
  });
});

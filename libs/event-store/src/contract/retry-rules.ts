import { expect, it } from 'vitest';
import type { TheStore } from './the-store.ts';
import { sampleAppend, sampleEvent, someEvents } from './sample-events.ts';

const STREAM = 'request-1';

export const retryRules = (theStore: TheStore): void => {
  it('answers the same append again with the first answer, and appends it once', async () => {
    const store = theStore();
    const events = someEvents(STREAM, 'no-stream', 2);
    const first = await store.append(STREAM, 'no-stream', events);
    expect(await store.append(STREAM, 'no-stream', events)).toEqual(first);
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  it('knows the append again after others followed it', async () => {
    const store = theStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    const events = someEvents(STREAM, 0, 2);
    const first = await store.append(STREAM, 0, events);
    await store.append(STREAM, 2, someEvents(STREAM, 2, 3));
    expect(await store.append(STREAM, 0, events)).toEqual(first);
    expect(await store.readStream(STREAM)).toHaveLength(6);
  });

  it('appends once when the same append comes many times at once', async () => {
    const store = theStore();
    const events = someEvents(STREAM, 'no-stream', 2);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => store.append(STREAM, 'no-stream', events)),
    );
    expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  it('refuses a known id with other bytes', async () => {
    const store = theStore();
    const event = sampleEvent({ rows: 1 });
    await store.append(STREAM, 'no-stream', sampleAppend(STREAM, 'no-stream', [event]));
    const other = sampleAppend(STREAM, 'no-stream', [{ ...event, data: { rows: 2 } }]);
    await expect(store.append(STREAM, 'no-stream', other)).rejects.toMatchObject({
      code: 'event_id_conflict',
    });
    expect((await store.readStream(STREAM)).map(({ data }) => data)).toEqual([{ rows: 1 }]);
  });

  it('refuses an append of which only a part is known', async () => {
    const store = theStore();
    const event = sampleEvent();
    await store.append(STREAM, 'no-stream', sampleAppend(STREAM, 'no-stream', [event]));
    const longer = sampleAppend(STREAM, 'no-stream', [event, sampleEvent()]);
    await expect(store.append(STREAM, 'no-stream', longer)).rejects.toMatchObject({
      code: 'event_id_conflict',
    });
    expect(await store.readStream(STREAM)).toHaveLength(1);
  });

  it('does not take the ids of a lost race for a retry', async () => {
    const store = theStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    const lost = someEvents(STREAM, 'no-stream');
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(store.append(STREAM, 'no-stream', lost)).rejects.toMatchObject({
        code: 'wrong_expected_revision',
      });
    }
    expect(await store.readStream(STREAM)).toHaveLength(1);
  });
};

import { expect, it } from 'vitest';
import type { TheStore } from './the-store.ts';
import { sampleAppend, sampleEvent, someEvents } from './sample-events.ts';

const STREAM = 'request-1';

export const appendRules = (theStore: TheStore): void => {
  it('gives back what was appended, with stream, revision, position and time of commit', async () => {
    const store = theStore();
    const events = someEvents(STREAM, 'no-stream', 2);
    const result = await store.append(STREAM, 'no-stream', events);
    const read = await store.readStream(STREAM);
    expect(read).toEqual(
      events.map((event, revision) => ({
        ...event,
        stream: STREAM,
        revision,
        position: expect.any(String) as string,
        committedAt: result.committedAt,
      })),
    );
    expect(result).toEqual({
      revision: 1,
      position: read[1]?.position,
      committedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string,
    });
  });

  it('carries every text and number that JSON can', async () => {
    const store = theStore();
    const data = {
      text: 'naïve \u0000 \u202e 💶 "\\',
      n: [1e21, -5e-324, 0.1, 9007199254740991],
      nested: { a: [null, true] },
    };
    await store.append(STREAM, 'no-stream', sampleAppend(STREAM, 'no-stream', [sampleEvent(data)]));
    expect((await store.readStream(STREAM))[0]?.data).toEqual(data);
  });

  it('continues a stream at the revision of its last event', async () => {
    const store = theStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 2));
    const result = await store.append(STREAM, 1, someEvents(STREAM, 1));
    expect(result.revision).toBe(2);
  });

  it.each([
    ['no-stream for a stream that exists', 'no-stream'],
    ['a revision that is behind', 0],
    ['a revision that is ahead', 7],
  ] as const)('refuses %s', async (_, expected) => {
    const store = theStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 2));
    await expect(store.append(STREAM, expected, someEvents(STREAM, expected))).rejects.toMatchObject({
      code: 'wrong_expected_revision',
    });
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  it('refuses a revision of a stream that does not exist', async () => {
    const store = theStore();
    await expect(store.append(STREAM, 0, someEvents(STREAM, 0))).rejects.toMatchObject({
      code: 'wrong_expected_revision',
    });
    expect(await store.readStream(STREAM)).toEqual([]);
  });

  it('lets one of many concurrent writers win each revision', async () => {
    const store = theStore();
    for (const expected of ['no-stream', 0, 1, 2] as const) {
      const race = Array.from({ length: 25 }, () =>
        store.append(STREAM, expected, someEvents(STREAM, expected)),
      );
      const outcomes = await Promise.allSettled(race);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes.filter((each) => each.status === 'rejected')) {
        expect(outcome.reason).toMatchObject({ code: 'wrong_expected_revision' });
      }
    }
    expect(await store.readStream(STREAM)).toHaveLength(4);
  });

  it('appends all events or none, never mixed with those of another append', async () => {
    const store = theStore();
    const race = Array.from({ length: 10 }, () => {
      const events = someEvents(STREAM, 'no-stream', 3);
      return store.append(STREAM, 'no-stream', events).then(() => events.map(({ id }) => id));
    });
    const won = (await Promise.allSettled(race)).find((each) => each.status === 'fulfilled');
    expect((await store.readStream(STREAM)).map(({ id }) => id)).toEqual(won?.value);
  });

  it('appends to many streams at once without mixing them', async () => {
    const store = theStore();
    const streams = Array.from({ length: 50 }, (_, index) => `request-${index}`);
    await Promise.all(
      streams.map((stream) => store.append(stream, 'no-stream', someEvents(stream, 'no-stream', 2))),
    );
    for (const stream of streams) {
      const read = await store.readStream(stream);
      expect(read.map((event) => [event.stream, event.revision])).toEqual([
        [stream, 0],
        [stream, 1],
      ]);
    }
  });

  it('never lets the time of commit go back', async () => {
    const store = theStore();
    for (let index = 0; index < 20; index += 1) {
      const stream = `request-${index}`;
      await store.append(stream, 'no-stream', someEvents(stream, 'no-stream'));
    }
    const reads = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.readStream(`request-${index}`)),
    );
    const times = reads.flat().map(({ committedAt }) => committedAt);
    expect(times).toEqual(times.toSorted());
  });

  it('keeps what was appended apart from what the caller does to it afterwards', async () => {
    const store = theStore();
    const list = ['reviewed'];
    const events = sampleAppend(STREAM, 'no-stream', [sampleEvent({ list })]);
    await store.append(STREAM, 'no-stream', events);
    list.push('slipped in');
    expect((await store.readStream(STREAM))[0]?.data).toEqual({ list: ['reviewed'] });
  });
};

import { sampleAppend, sampleEvent, someEvents } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { servedStore } from './spec-helpers.ts';

const STREAM = 'request-1';
/** Doesn't wait long for one answer, and long for a settled one. */
const RESTLESS = { patience: { totalMs: 10_000, callMs: 300 } };
const IMPATIENT = { patience: { totalMs: 600, callMs: 150 } };

describe('an append whose answer was lost', () => {
  it.each(['lose_answer', 'hang', 'cut'] as const)(
    'is settled by its ids and stands once: %s',
    async (kind) => {
      const { dev, store } = await servedStore(RESTLESS);
      dev.faults.order('append', { kind }, { kind });
      const events = someEvents(STREAM, 'no-stream', 2);
      const result = await store.append(STREAM, 'no-stream', events);
      expect(result.revision).toBe(1);
      expect(dev.faults.injected).toBe(2);
      expect((await dev.store.readStream(STREAM)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    },
  );

  it('is settled too where others have appended since', async () => {
    const { dev, store } = await servedStore(RESTLESS);
    const events = someEvents(STREAM, 'no-stream');
    dev.faults.order('append', { kind: 'hang' });
    const appending = store.append(STREAM, 'no-stream', events);
    await expect.poll(async () => (await dev.store.readStream(STREAM)).length).toBe(1);
    await dev.store.append(STREAM, 0, someEvents(STREAM, 0));
    expect(await appending).toMatchObject({ revision: 0 });
    expect(await dev.store.readStream(STREAM)).toHaveLength(2);
  });

  it('loses where another append took its place before it was carried out', async () => {
    const { dev, store } = await servedStore(RESTLESS);
    dev.faults.order('append', { kind: 'hang_before' });
    const appending = store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    await dev.store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    await expect(appending).rejects.toMatchObject({ code: 'wrong_expected_revision' });
    expect(await dev.store.readStream(STREAM)).toHaveLength(1);
  });

  it('stands once where the connection was cut before it was carried out', async () => {
    const { dev, store } = await servedStore(RESTLESS);
    dev.faults.order('append', { kind: 'cut_before' }, { kind: 'cut_before' });
    expect(await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'))).toMatchObject({
      revision: 0,
    });
    expect(dev.faults.injectedByKind).toEqual({ 'append cut_before': 2 });
  });

  it('is settled where only the place could not be read back', async () => {
    const { dev, store } = await servedStore(RESTLESS);
    dev.faults.order('read', { kind: 'cut', after: 0 });
    const result = await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    expect(result.revision).toBe(0);
    expect(await dev.store.readStream(STREAM)).toHaveLength(1);
  });

  it('is append_uncertain, by its own deadline, where the server stays silent', async () => {
    const { dev, store } = await servedStore(IMPATIENT);
    dev.faults.order('append', ...Array.from({ length: 20 }, () => ({ kind: 'hang_before' }) as const));
    await expect(store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'))).rejects.toMatchObject({
      code: 'append_uncertain',
    });
  });

  it('is never store_unavailable after a try that may have been carried out', async () => {
    const { dev, store } = await servedStore(IMPATIENT);
    dev.faults.order('append', { kind: 'lose_answer' });
    dev.faults.order('read', ...Array.from({ length: 20 }, () => ({ kind: 'cut', after: 0 }) as const));
    await expect(store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'))).rejects.toMatchObject({
      code: 'append_uncertain',
    });
  });
});

describe('an answer of success', () => {
  it('is no win where the ids stood there with other bytes', async () => {
    const { store } = await servedStore();
    const event = sampleEvent({ rows: 1 });
    await store.append(STREAM, 'no-stream', sampleAppend(STREAM, 'no-stream', [event]));
    const other = sampleAppend(STREAM, 'no-stream', [{ ...event, data: { rows: 2 } }]);
    await expect(store.append(STREAM, 'no-stream', other)).rejects.toMatchObject({
      code: 'event_id_conflict',
    });
  });

  it.each([0, 1])('is no win for revision 2 where it tells of revision %d', async (revision) => {
    const { dev, store } = await servedStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 2));
    dev.faults.order('append', { kind: 'false_success', revision });
    await expect(store.append(STREAM, 1, someEvents(STREAM, 1))).rejects.toMatchObject({
      code: 'wrong_expected_revision',
    });
    expect(await dev.store.readStream(STREAM)).toHaveLength(2);
  });

  it('is no win where another append stands in its place', async () => {
    const { dev, store } = await servedStore();
    await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 2));
    dev.faults.order('append', { kind: 'false_success', revision: 1 });
    await expect(store.append(STREAM, 0, someEvents(STREAM, 0))).rejects.toMatchObject({
      code: 'wrong_expected_revision',
    });
  });

  it('is asked for again where nothing stands in its place yet', async () => {
    const { dev, store } = await servedStore();
    dev.faults.order('append', { kind: 'false_success', revision: 0 });
    const result = await store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream'));
    expect(result.revision).toBe(0);
    expect(await dev.store.readStream(STREAM)).toHaveLength(1);
  });
});

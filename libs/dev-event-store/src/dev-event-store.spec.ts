import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  streamNameFilter,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { EventEnvelope } from '@countersign/event-store';
import { sampleAppend, sampleEvent, someEvents } from '@countersign/event-store/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DevEventStore } from './dev-event-store.ts';

const STREAM = 'request-1';
// With a login the official client appends by the call that we serve, not by its batches.
const AS = { credentials: { username: 'nobody', password: 'nothing' } };

/** The server, and the official client at it. */
const served = async (): Promise<{ readonly dev: DevEventStore; readonly client: EventStoreDBClient }> => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-dev-store-'));
  const dev = await DevEventStore.start({ folder });
  const client = EventStoreDBClient.connectionString(dev.address);
  onTestFinished(async () => {
    await client.dispose();
    await dev.close();
    rmSync(folder, { recursive: true });
  });
  return { dev, client };
};

const toJsonEvent = ({ id, type, schemaVersion, data, metadata }: EventEnvelope) =>
  jsonEvent({ id, type, data: { schemaVersion, data }, metadata: { ...metadata } });

describe('the official client', () => {
  it('appends and reads', async () => {
    const { dev, client } = await served();
    const events = someEvents(STREAM, 'no-stream', 2);
    const result = await client.appendToStream(STREAM, events.map(toJsonEvent), {
      expectedRevision: 'no_stream',
      ...AS,
    });
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 1n });
    const read = [];
    for await (const { event } of client.readStream(STREAM)) read.push(event);
    const standing = await dev.store.readStream(STREAM);
    expect(read.map((event) => [event?.id, event?.revision, event?.created.toISOString()])).toEqual(
      standing.map(({ id, revision, committedAt }) => [id, BigInt(revision), committedAt]),
    );
    expect(read[1]?.metadata).toEqual(events[1]?.metadata);
  });

  it('is told of a wrong expected version, with the current one', async () => {
    const { dev, client } = await served();
    await dev.store.append(STREAM, 'no-stream', someEvents(STREAM, 'no-stream', 3));
    const appending = client.appendToStream(STREAM, someEvents(STREAM, 0).map(toJsonEvent), {
      expectedRevision: 0n,
      ...AS,
    });
    await expect(appending).rejects.toBeInstanceOf(WrongExpectedVersionError);
    await expect(appending).rejects.toMatchObject({ actualVersion: 2n });
  });

  it('has success for known ids at a superseded revision, whatever bytes come with them', async () => {
    const { dev, client } = await served();
    const event = sampleEvent({ rows: 1 });
    await dev.store.append(STREAM, 'no-stream', sampleAppend(STREAM, 'no-stream', [event]));
    await dev.store.append(STREAM, 0, someEvents(STREAM, 0));
    const other = sampleAppend(STREAM, 'no-stream', [{ ...event, data: { rows: 2 } }]);
    const result = await client.appendToStream(STREAM, other.map(toJsonEvent), {
      expectedRevision: 'no_stream',
      ...AS,
    });
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 0n });
    expect((await dev.store.readStream(STREAM))[0]?.data).toEqual({ rows: 1 });
  });

  it('hears history and live, filtered by the names of streams', async () => {
    const { dev, client } = await served();
    for (const stream of ['request-1', 'review-1', 'request-2']) {
      await dev.store.append(stream, 'no-stream', someEvents(stream, 'no-stream'));
    }
    const heard: string[] = [];
    const filter = streamNameFilter({ prefixes: ['request-'] });
    const subscription = client.subscribeToAll({ filter });
    subscription.on('data', ({ event }) => heard.push(String(event?.streamId)));
    await expect.poll(() => heard).toEqual(['request-1', 'request-2']);
    await dev.store.append('request-3', 'no-stream', someEvents('request-3', 'no-stream'));
    await expect.poll(() => heard).toEqual(['request-1', 'request-2', 'request-3']);
    await subscription.unsubscribe();
  });

  it('may delete nothing, nor write to streams of the system', async () => {
    const { client } = await served();
    await expect(client.deleteStream(STREAM)).rejects.toMatchObject({ type: 'access-denied' });
    await expect(client.tombstoneStream(STREAM)).rejects.toMatchObject({ type: 'access-denied' });
    const metadata = client.setStreamMetadata(
      STREAM,
      { truncateBefore: 1 },
      { expectedRevision: 'no_stream', ...AS },
    );
    await expect(metadata).rejects.toMatchObject({ type: 'access-denied' });
  });
});

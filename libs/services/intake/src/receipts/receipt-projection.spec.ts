import { streamName, type RecordedEvent } from '@countersign/event-store';
import { View } from '@countersign/follower';
import { RequestStory, World } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REQUESTS_PROJECTION } from '../requests-projection.ts';
import { dueReceipts, markAnnounced, requesterToTell } from './receipt-projection.ts';

const HOUR_MS = 3_600_000;

let world: World;
let view: View;
let id: string;
let asked: RecordedEvent;

beforeEach(async () => {
  world = await World.acme();
  view = new View(':memory:', REQUESTS_PROJECTION);
  ({ id } = await RequestStory.begin(world));
  const [event] = await world.events(streamName('request', id));
  if (event === undefined) throw new Error('Nothing was asked.');
  const { metadata } = event;
  const actor = { ...metadata.actor, via: { ...metadata.actor.via, channel: 'nats' as const } };
  asked = { ...event, metadata: { ...metadata, actor } };
});
afterEach(() => view.close());

const apply = (event: RecordedEvent): void => view.transaction(() => REQUESTS_PROJECTION.apply(view, event));

describe('receipts', () => {
  it('are due at each change of a request that came by NATS, until they are told', () => {
    apply(asked);
    const nowMs = world.clock.nowMs();
    expect(dueReceipts(view, nowMs)).toEqual([id]);
    markAnnounced(view, id, 1);
    expect([dueReceipts(view, nowMs), requesterToTell(view, id, nowMs)]).toEqual([[], undefined]);
    apply({ ...asked, stream: streamName('review', id), type: 'PolicyEvaluated' });
    expect(dueReceipts(view, nowMs)).toEqual([id]);
    expect(requesterToTell(view, id, nowMs)).toBeDefined();
  });

  it('tell nothing old where a replica follows the log from its beginning', () => {
    apply(asked);
    const nowMs = world.clock.nowMs() + HOUR_MS;
    expect([dueReceipts(view, nowMs), requesterToTell(view, id, nowMs)]).toEqual([[], undefined]);
  });

  it('are of no request that came by HTTP', async () => {
    const [event] = await world.events(streamName('request', id));
    if (event !== undefined) apply(event);
    expect(dueReceipts(view, world.clock.nowMs())).toEqual([]);
  });
});

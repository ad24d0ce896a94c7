import { EventWriter, streamName } from '@countersign/event-store';
import type { ServiceName } from '@countersign/kernel';
import { serviceActor, SILENT_LOGGER } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { testKeys } from '@countersign/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Story } from '../story-spec-helpers.ts';
import { LiveProjection } from './live-projection.ts';

const strangers = testKeys();

/** Appends in the name of the stream's writer, with a key that isn't its. */
const forge = async (
  { clock, store }: World,
  writer: ServiceName,
  stream: string,
  ...types: readonly string[]
) => {
  const events = await store.readStream(stream);
  const head = events.at(-1)?.revision ?? 'no-stream';
  const forger = new EventWriter({ service: writer, store, clock, signer: strangers.signer(writer) });
  const made = types.map((type) => ({ type, data: {} }));
  await forger.append(stream, head, made, { actor: serviceActor(writer), correlationId: stream });
};

const watched = async (world: World) => {
  const alarms: unknown[] = [];
  const { telemetry, ...context } = world.context('audit');
  const metrics = {
    ...telemetry.metrics,
    alarms: { add: (_n: number, of?: object) => void alarms.push(of) },
  };
  const places: unknown[] = [];
  const log = { ...SILENT_LOGGER, error: (_: string, fields?: object) => void places.push(fields) };
  const surroundings = { telemetry: { ...telemetry, metrics }, log, viewPath: () => ':memory:' };
  const projection = new LiveProjection({ ...context, ...surroundings });
  onTestFinished(() => projection.stop());
  projection.start();
  await projection.live.follower.caughtUp;
  return { alarms, places };
};

it('raises the alarm for whatever its writer did not sign, in every category, and for nothing else', async () => {
  const world = await World.acme();
  const { alarms, places } = await watched(world);
  const story = await Story.begin(world, 1);
  await Story.begin(world, 2);
  await forge(world, 'policy', streamName('review', story.id), 'DecisionRecorded', 'ReviewApproved');
  await forge(world, 'policy', streamName('policyset', 'active'), 'PolicySetActivated');
  await forge(world, 'credentials', streamName('grantattempt', story.id), 'RedemptionRefused');
  await forge(world, 'audit', streamName('evidence', '2026-11-20'), 'EvidenceRead');
  await vi.waitFor(() => expect(alarms).toHaveLength(5), { timeout: 10_000 });
  expect(alarms).toEqual(alarms.map(() => ({ code: 'signature_invalid' })));
  expect(places).toMatchObject(
    ['review', 'review', 'policyset', 'grantattempt', 'evidence'].map((category) => ({
      event: 'countersign.alarm',
      requestId: expect.stringMatching(`^${category}-`),
    })),
  );
});

import { afterAll, beforeAll, describe, expect } from 'vitest';
import { faultSettings, faultTest, type FaultRun } from '../harness/run.ts';
import { RACES, SCENARIOS, SURROUNDINGS } from '../harness/scenarios.ts';
import { Ledger } from '../harness/ledger.ts';
import type { OnNats } from '../harness/submit-on-nats.ts';
import { dieAt, nameOf, type Stage } from './die-at.ts';
import { FaultStack } from './fault-stack.ts';
import { receiptedOnNats } from './nats-scenario.ts';
import { findPlaces, type Place } from './places.ts';
import { untilAudited, untilShown } from './settled.ts';

/** The short form plays one scenario alone, and draws so many of the places that it passes. */
const SHORT = { scenario: 'approved and run', places: 6 };

let stage: Stage;
let onNats: OnNats;
beforeAll(async () => {
  const stack = await FaultStack.start();
  stage = { stack, callers: await stack.callers(), ledger: new Ledger() };
  onNats = await stack.onNats();
}, 120_000);
afterAll(async () => {
  await onNats.connection.close();
  await stage.stack.dispose();
}, 60_000);

const drawn = (places: readonly Place[], { seed }: FaultRun): readonly Place[] => {
  if (faultSettings.long) return places;
  const left = [...places];
  return Array.from({ length: SHORT.places }, () => left.splice(seed.between(0, left.length - 1), 1)).flat();
};

describe('a process that is killed', () => {
  faultTest(
    'at any failpoint that it passes loses nothing, doubles nothing and leaves nothing stuck',
    { timeoutMs: 180_000 },
    async (run) => {
      const all = [...SCENARIOS, ...RACES, ...SURROUNDINGS, receiptedOnNats(onNats)];
      const played = faultSettings.long ? all : all.filter(({ name }) => name === SHORT.scenario);
      const places = await findPlaces(stage, played);
      const ended = new Map<string, string>();
      const missed: string[] = [];
      for (const [index, place] of drawn(places, run).entries()) {
        run.tell(`${index + 1} of ${places.length}: ${nameOf(place)}`);
        const { id, status, died } = await dieAt(stage, run.report, place);
        ended.set(id, status);
        if (!died) missed.push(nameOf(place));
      }
      await untilAudited(stage.callers, ended);
      // Whoever dies while it posts a card has claimed it for a while: nothing to wait for in the short form.
      if (faultSettings.long) for (const [id, status] of ended) await untilShown(stage.stack.log, id, status);
      stage.stack.assertWhole(stage.ledger);
      expect(missed).toEqual([]);
    },
  );
});

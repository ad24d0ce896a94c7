import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Callers } from '../harness/journey.ts';
import { Ledger } from '../harness/ledger.ts';
import { faultSettings, faultTest, type FaultRun } from '../harness/run.ts';
import { RACES, SCENARIOS } from '../harness/scenarios.ts';
import type { OnNats } from '../harness/submit-on-nats.ts';
import { dieAt, nameOf, type Stage } from './die-at.ts';
import { FaultStack } from './fault-stack.ts';
import { natsScenario } from './nats-scenario.ts';
import { findPlaces, type Place } from './places.ts';
import { untilAudited, untilShown } from './settled.ts';

/** How many of the places the short form draws. */
const SHORT = 12;

let stack: FaultStack;
let callers: Callers;
let onNats: OnNats;
beforeAll(async () => {
  stack = await FaultStack.start();
  callers = await stack.callers();
  onNats = await stack.onNats();
}, 120_000);
afterAll(async () => {
  await onNats.connection.close();
  await stack.dispose();
}, 60_000);

const drawn = (places: readonly Place[], { seed }: FaultRun): readonly Place[] => {
  if (faultSettings.long) return places;
  const left = [...places];
  return Array.from({ length: SHORT }, () => left.splice(seed.between(0, left.length - 1), 1)).flat();
};

describe('a process that is killed', () => {
  faultTest(
    'at any failpoint that it passes loses nothing, doubles nothing and leaves nothing stuck',
    { timeoutMs: 180_000 },
    async (run) => {
      const scenarios = [...SCENARIOS, ...RACES, natsScenario(onNats)];
      const places = await findPlaces(stack, callers, scenarios);
      const stage: Stage = { stack, callers, ledger: new Ledger(), report: run.report };
      const ended = new Map<string, string>();
      const missed: string[] = [];
      for (const [index, place] of drawn(places, run).entries()) {
        run.tell(`${index + 1} of ${places.length}: ${nameOf(place)}`);
        const { id, status, died } = await dieAt(stage, place);
        ended.set(id, status);
        if (!died) missed.push(nameOf(place));
      }
      await untilAudited(callers, ended);
      for (const [id, status] of ended) await untilShown(stack, id, status);
      stack.assertWhole(stage.ledger);
      expect(missed).toEqual([]);
    },
  );
});

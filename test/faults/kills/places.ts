import { setTimeout as delay } from 'node:timers/promises';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { FAILPOINT_NAMES, type FailpointName } from '@countersign/testing';
import { Journey } from '../harness/journey.ts';
import type { Scenario } from '../harness/scenarios.ts';
import type { Stage } from './die-at.ts';

/** A failpoint that a service passes in the course of a scenario. */
export interface Place {
  readonly service: ServiceName;
  readonly name: FailpointName;
  /** As `placeOf` says it: `review ReviewOpened`. */
  readonly place: string;
  readonly scenario: Scenario;
}

const QUIET_MS = 1_000;
const POLL_MS = 100;

const parse = (line: string): Pick<Place, 'name' | 'place'> => {
  const name = FAILPOINT_NAMES.find((known) => line.startsWith(`${known} `));
  if (name === undefined) throw new Error(`"${line}" names no failpoint.`);
  return { name, place: line.slice(name.length + 1) };
};

/** Resolves when no service has come past another place for a while. */
const untilQuiet = async ({ stack }: Stage): Promise<void> => {
  const count = (): number => SERVICE_NAMES.reduce((sum, service) => sum + stack.passed(service).length, 0);
  let last = count();
  for (let quietMs = 0; quietMs < QUIET_MS; quietMs += POLL_MS) {
    await delay(POLL_MS);
    const now = count();
    if (now !== last) quietMs = 0;
    last = now;
  }
};

const forget = async ({ stack }: Stage): Promise<void> => {
  for (const service of SERVICE_NAMES) await stack.order(service, { order: 'forget-passed' });
};

/**
 * Plays each scenario once, undisturbed, and tells which places it is the first to pass. Reading changes nothing,
 * so nobody has to die before it.
 */
export const findPlaces = async (stage: Stage, scenarios: readonly Scenario[]): Promise<readonly Place[]> => {
  const known = new Set<string>();
  const places: Place[] = [];
  await untilQuiet(stage);
  for (const scenario of scenarios) {
    await forget(stage);
    const journey = new Journey(stage.callers, stage.ledger);
    await scenario.play(journey);
    await journey.until(...scenario.ends);
    await untilQuiet(stage);
    for (const service of SERVICE_NAMES) {
      for (const line of stage.stack.passed(service)) {
        if (known.has(`${service} ${line}`) || line.startsWith('before-read')) continue;
        known.add(`${service} ${line}`);
        places.push({ service, scenario, ...parse(line) });
      }
    }
  }
  return places;
};

import { setTimeout as delay } from 'node:timers/promises';
import { Journey, type Callers } from '../harness/journey.ts';
import type { Ledger } from '../harness/ledger.ts';
import type { FaultReport } from '../harness/report.ts';
import type { FaultStack } from './fault-stack.ts';
import type { Place } from './places.ts';

/** What a process does after its request has ended, it does within this time. */
const STRAGGLER_MS = 10_000;

/** Where one client goes through a scenario at a time. */
export interface Stage {
  readonly stack: FaultStack;
  readonly callers: Callers;
  readonly ledger: Ledger;
}

export interface Outcome {
  readonly id: string;
  readonly status: string;
  /** Whether the process came past the place, and died there. */
  readonly died: boolean;
}

export const nameOf = ({ service, name, place, scenario }: Place): string =>
  `${service} ${name} ${place} (${scenario.name})`;

/**
 * Has the service's process die at the place while the scenario is played, starts it again at once, and holds the
 * scenario to the end that it would have had.
 */
export const dieAt = async (stage: Stage, report: FaultReport, at: Place): Promise<Outcome> => {
  const process = stage.stack.stack.service(at.service);
  await stage.stack.order(at.service, { order: 'die-at', name: at.name, place: at.place });
  const straggling = new AbortController();
  const died = process.ended.then(() => {
    straggling.abort();
    report.injected(`${at.name} of ${at.service}`);
    process.start();
    return true;
  });
  const journey = new Journey(stage.callers, stage.ledger);
  await at.scenario.play(journey);
  await journey.until(...at.scenario.ends);
  const late = delay(STRAGGLER_MS, false, { signal: straggling.signal }).catch(() => true);
  const hasDied = await Promise.race([died, late]);
  if (hasDied) await process.whenReady();
  else await stage.stack.order(at.service, { order: 'disarm' });
  return { id: journey.id, status: journey.request.status, died: hasDied };
};

import { smallExport } from '../../e2e/harness/life-cycle.ts';
import type { Journey } from '../harness/journey.ts';
import { run, type Scenario } from '../harness/scenarios.ts';
import { hearReceipt, submitOnNats, type OnNats } from '../harness/submit-on-nats.ts';

const untilRun = async (journey: Journey, id: string): Promise<void> => {
  await journey.adopt({ id });
  await journey.until('pending');
  await journey.decide('alice');
  await journey.until('approved');
  await run(journey);
};

/** Asked for on NATS. */
export const askedOnNats = (onNats: OnNats): Scenario => ({
  name: 'published on NATS and run',
  ends: ['succeeded'],
  play: async (journey) => untilRun(journey, await submitOnNats(onNats, smallExport())),
});

/** And told by a receipt that it is over, as whoever stays connected to a server that lives is told. */
export const receiptedOnNats = (onNats: OnNats): Scenario => ({
  name: 'published on NATS, run, and told so',
  ends: ['succeeded'],
  play: async (journey) => {
    const id = await submitOnNats(onNats, smallExport());
    await Promise.all([hearReceipt(onNats, id, 'succeeded'), untilRun(journey, id)]);
  },
});

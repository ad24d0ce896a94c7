import { smallExport } from '../../e2e/harness/life-cycle.ts';
import { run, type Scenario } from '../harness/scenarios.ts';
import { hearReceipt, submitOnNats, type OnNats } from '../harness/submit-on-nats.ts';

/** Asked for on NATS, and told by a receipt that it is over. */
export const natsScenario = (onNats: OnNats): Scenario => ({
  name: 'published on NATS and run',
  ends: ['succeeded'],
  play: async (journey) => {
    const id = await submitOnNats(onNats, smallExport());
    const live = async (): Promise<void> => {
      await journey.adopt({ id });
      await journey.until('pending');
      await journey.decide('alice');
      await journey.until('approved');
      await run(journey);
    };
    await Promise.all([hearReceipt(onNats, id, 'succeeded'), live()]);
  },
});

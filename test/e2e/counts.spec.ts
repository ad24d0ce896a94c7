import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CountedProcess, spent } from './harness/counted-process.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  claim,
  ETL_BOT,
  redeem,
  report,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';

const doorbell = (category: string): string => `countersign.internal.doorbell.${category}`;
const REAUTHORIZE = 'countersign.internal.call.policy.reauthorize';

// What a request costs doesn't vary with the machine. A figure that rises here was spent on purpose, or it is
// a bug; docs/benchmarks.md says what each is for.
describe('the costs of a request, one at a time', () => {
  let counted: CountedProcess;
  beforeEach(async () => {
    // The log channel shows its cards to whoever runs the process.
    vi.spyOn(process.stdout, 'write').mockImplementation((_card, ...rest: unknown[]) => {
      for (const written of rest) if (typeof written === 'function') written();
      return true;
    });
    counted = await CountedProcess.start();
    await vi.waitFor(async () => expect(await counted.unready()).toEqual({}), { timeout: 10_000 });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await counted.dispose();
  });

  it('that is permitted at once: two appends, each a commit and a doorbell', async () => {
    const before = await counted.costs();
    const etlBot = await counted.api(ETL_BOT);
    await awaitStatus(etlBot, (await submit(etlBot, stagingRead())).id, 'approved');
    await counted.stop();
    expect(spent(before, await counted.costs())).toEqual({
      appends: 2,
      commits: 2,
      messages: { [doorbell('request')]: 1, [doorbell('review')]: 1 },
    });
  });

  // Each state is waited for on the card, or changes that follow closely would be gathered into one: this is
  // the most that it costs.
  it('that lives its whole life: six appends, two more for each change of its card, and one call', async () => {
    const before = await counted.costs();
    const [etlBot, alice] = [await counted.api(ETL_BOT), await counted.api(ALICE)];
    const { id } = await submit(etlBot);
    const pending = await awaitStatus(etlBot, id, 'pending');
    await cardShows(id, 1);
    const approved = await approve(alice, pending);
    expect(approved.status).toBe('approved');
    await cardShows(id, 2);
    const { grantId, token } = await claim(etlBot, id);
    await redeem(etlBot, pending, token);
    await cardShows(id, 3);
    await report(etlBot, grantId);
    await cardShows(id, 4);
    await counted.stop();
    expect(spent(before, await counted.costs())).toEqual({
      appends: 14,
      commits: 14,
      messages: {
        [doorbell('request')]: 1,
        [doorbell('review')]: 2,
        [doorbell('grant')]: 3,
        [doorbell('delivery')]: 8,
        [REAUTHORIZE]: 1,
        answer: 1,
      },
    });
  });

  /** Once so many attempts to show the card have ended. */
  const cardShows = (id: string, attempts: number): Promise<void> =>
    vi.waitFor(async () => expect(await counted.types(`delivery-${id}`)).toHaveLength(2 * attempts), {
      timeout: 5_000,
    });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './countersign.ts';
import { assertInvariants } from './invariants.ts';
import { ALICE, approve, awaitStatus, ETL_BOT, stagingRead, submit } from './life-cycle.ts';

let countersign: Countersign;
beforeAll(async () => {
  countersign = await Countersign.start();
});
afterAll(() => countersign.dispose());

describe('a real process', () => {
  it('goes on after SIGKILL and after SIGTERM in the same folder', async () => {
    const { id, digest } = await submit(await countersign.api(ETL_BOT));
    await countersign.kill();
    await countersign.restart();
    const open = await awaitStatus(await countersign.api(ETL_BOT), id, 'pending');
    expect(open.digest).toBe(digest);
    await countersign.restart();
    const approved = await approve(await countersign.api(ALICE), open);
    expect(approved.status).toBe('approved');
    await submit(await countersign.api(ETL_BOT), stagingRead());
    await countersign.stop();
    assertInvariants(countersign);
  });
});

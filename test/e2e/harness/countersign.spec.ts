import type { RecordedEvent } from '@countersign/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './countersign.ts';
import { assertInvariants } from './invariants.ts';
import { ALICE, approve, awaitStatus, claim, ETL_BOT, stagingRead, submit } from './life-cycle.ts';

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
    const etlBot = await countersign.api(ETL_BOT);
    await awaitStatus(etlBot, (await submit(etlBot, stagingRead())).id, 'approved');
    await claim(etlBot, id);
    await countersign.stop();
    assertInvariants(countersign);
  });
});

describe('the invariants', () => {
  type Edit = (events: readonly RecordedEvent[]) => readonly RecordedEvent[];
  const without =
    (type: string): Edit =>
    (events) =>
      events.filter((event) => event.type !== type);

  it.each<[string, Edit]>([
    ['an event is missing', without('ReviewOpened')],
    ['a grant was opened without an approval', without('ReviewApproved')],
    [
      'an event stands twice',
      (events) => events.flatMap((it) => (it.type === 'TokenIssued' ? [it, it] : [it])),
    ],
    [
      'an event was changed',
      (events) =>
        events.map((it) =>
          it.type === 'DecisionRecorded' ? { ...it, data: { ...it.data, reason: '' } } : it,
        ),
    ],
    ['a request is stuck', (events) => events.filter(({ stream }) => !stream.startsWith('review'))],
  ])('do not hold where %s', (_what, edit) => {
    const { log, dataFolder } = countersign;
    const edited = { dataFolder, log: { events: () => edit(log.events()) } };
    expect(() => assertInvariants(edited, { maxOverdueMs: 0 })).toThrow();
  });
});

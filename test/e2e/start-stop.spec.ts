import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './harness/countersign.ts';
import { ALL_IN_ONE, CountersignProcess } from './harness/countersign-process.ts';
import { processesNaming } from './harness/processes.ts';

let countersign: Countersign;
beforeAll(async () => {
  countersign = await Countersign.start();
});
afterAll(() => countersign.dispose());

const theirs = () => processesNaming(countersign.dataFolder);

describe('a process', () => {
  it('has a NATS server of its own, and no password stands in any argument', () => {
    expect(theirs().length).toBeGreaterThan(0);
    expect(
      theirs()
        .flatMap(({ argv }) => argv)
        .filter((argument) => /pass|user/i.test(argument)),
    ).toEqual([]);
  });

  it('refuses a folder that another process works in, and says so', async () => {
    const second = CountersignProcess.start({
      main: ALL_IN_ONE,
      env: {
        COUNTERSIGN_MODE: 'development',
        COUNTERSIGN_DATA: countersign.dataFolder,
        COUNTERSIGN_POLICIES: countersign.policiesFolder,
      },
    });
    await expect(second).rejects.toThrow(
      /It ended \(1\)[^]*Another process works in [^]*use another data folder\./,
    );
    expect(await countersign.ready()).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops everything at %s, and is ready again in the same folder',
    async (signal) => {
      expect(await countersign.process.signal(signal)).toEqual({ code: 0, signal: null });
      expect(theirs()).toEqual([]);
      await countersign.restart();
      expect(await countersign.ready()).toBe(true);
    },
  );

  it('leaves nothing behind when it is killed', async () => {
    await countersign.kill();
    await expect.poll(theirs, { timeout: 5_000 }).toEqual([]);
    await countersign.restart();
  });
});

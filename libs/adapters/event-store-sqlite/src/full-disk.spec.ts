import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '@countersign/event-store';
import { sampleAppend, sampleEvent } from '@countersign/event-store/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, temporaryFolder, wholeLog } from './spec-helpers.ts';

interface Acknowledged {
  readonly ids: readonly string[];
  readonly refusals: readonly unknown[];
}

let made = 0;

const appendOne = async (store: EventStore): Promise<string> => {
  const stream = `request-${(made += 1)}`;
  const [event] = sampleAppend(stream, 'no-stream', [sampleEvent({ pad: 'x'.repeat(8_000) })]);
  await store.append(stream, 'no-stream', [event!]);
  return event!.id;
};

/** Appends five at a time until the store refuses. */
const appendUntilFull = async (store: EventStore): Promise<Acknowledged> => {
  const ids: string[] = [];
  for (;;) {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => appendOne(store)));
    ids.push(...outcomes.filter((each) => each.status === 'fulfilled').map(({ value }) => value));
    const refusals = outcomes
      .filter((each) => each.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    if (refusals.length > 0) return { ids, refusals };
  }
};

const expectFull = async (store: EventStore, { ids, refusals }: Acknowledged): Promise<void> => {
  expect(refusals.map((refusal) => (refusal as { code?: string }).code)).toEqual(
    refusals.map(() => 'store_full'),
  );
  expect((await wholeLog(store)).map(({ id }) => id)).toEqual(ids);
};

/** A file system of 4 MB, where this machine lets us mount one. */
const mountSmallDisk = (): string | undefined => {
  const folder = temporaryFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  if (status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]));
  return folder;
};

const fillDisk = (folder: string, leaveBytes: number): string => {
  const { bavail, bsize } = statfsSync(folder);
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - leaveBytes));
  return filler;
};

describe('a full disk', () => {
  it('refuses with store_full, acknowledges nothing that is not durable, and takes appends again when there is space', async () => {
    const folder = mountSmallDisk();
    // Without the right to mount, the test of the limited file below stands for it.
    if (folder === undefined) return;
    const store = await openStore(join(folder, 'store'));
    const filler = fillDisk(folder, 600_000);
    const acknowledged = await appendUntilFull(store);
    expect(acknowledged.ids.length).toBeGreaterThan(0);
    await expectFull(store, acknowledged);

    rmSync(filler);
    const after = await appendOne(store);
    await store.close();
    const reopened = await openStore(join(folder, 'store'));
    expect((await wholeLog(reopened)).map(({ id }) => id)).toEqual([...acknowledged.ids, after]);
  });

  it('survives a restart while it is full', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder, { faults: { maxPages: 100 } });
    const acknowledged = await appendUntilFull(store);
    expect(acknowledged.ids.length).toBeGreaterThan(0);
    await expectFull(store, acknowledged);
    await store.close();

    const stillFull = await openStore(folder, { faults: { maxPages: 100 } });
    const more = await appendUntilFull(stillFull);
    const all = [...acknowledged.ids, ...more.ids];
    await expectFull(stillFull, { ids: all, refusals: more.refusals });
    await stillFull.close();

    const roomy = await openStore(folder);
    const after = await appendOne(roomy);
    expect((await wholeLog(roomy)).map(({ id }) => id)).toEqual([...all, after]);
  });
});

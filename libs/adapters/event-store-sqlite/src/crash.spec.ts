import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, temporaryFolder, wholeLog } from './spec-helpers.ts';

const CHILD = fileURLToPath(new URL('./append-child-spec-helpers.ts', import.meta.url));

const startChild = (folder: string): ChildProcessByStdio<null, Readable, null> => {
  const args = ['--conditions=@countersign/source', CHILD, folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};

/** Lets a child append until it acknowledged so many events, kills it, and gives all that it acknowledged. */
const appendUntilKilled = async (folder: string, least: number): Promise<string[]> => {
  const child = startChild(folder);
  const acknowledged: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(line);
    if (acknowledged.length === least) child.kill('SIGKILL');
  }
  return acknowledged;
};

describe('a process killed in the middle of appends', () => {
  it('leaves every acknowledged event, none doubled, and no half append', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const acknowledged: string[] = [];
    for (const least of [16, 150, 700]) acknowledged.push(...(await appendUntilKilled(folder, least)));
    expect(acknowledged.length).toBeGreaterThanOrEqual(866);

    const store = await openStore(folder);
    const log = await wholeLog(store);
    const found = new Set(log.map(({ stream, revision, id }) => `${stream} ${revision} ${id}`));
    expect(acknowledged.filter((line) => !found.has(line))).toEqual([]);
    expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
    for (const stream of new Set(log.map((event) => event.stream))) {
      const revisions = (await store.readStream(stream)).map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.map((_, index) => index));
      expect(revisions.length % 2).toBe(0);
    }
  });
});

describe('a second process', () => {
  it('is refused while the first lives, and let in when that was killed', async () => {
    const folder = temporaryFolder();
    const first = startChild(folder);
    await once(first.stdout, 'data');
    const [refusal] = (await once(startChild(folder).stdout, 'data')) as [Buffer];
    expect(refusal.toString()).toBe('store_locked\n');
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'store_locked',
      message: expect.stringContaining(folder) as string,
    });
    first.kill('SIGKILL');
    await once(first, 'exit');
    await openStore(folder);
  });

  it('is refused within the same process too', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'store_locked' });
    await store.close();
    await openStore(folder);
  });
});

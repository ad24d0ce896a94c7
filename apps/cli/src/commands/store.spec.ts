import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevEventStore } from '@countersign/dev-event-store';
import { signAppend, type EventStore } from '@countersign/event-store';
import { sampleEvent } from '@countersign/event-store/contract';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import { keysFolderOf, loadOrCreateKey } from '@countersign/keys-file';
import { ManualClock } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { environmentOf } from '../environment.ts';
import { runCli } from '../program.ts';

const MAIN = join(import.meta.dirname, '../main.ts');

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'countersign-store-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const at = (name: string): string => join(data, name);
const sqlite = (name: string): string => `sqlite:${at(name)}`;

const store = async (...argv: readonly string[]) => {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    errIsTty: false,
  };
  const status = await runCli(['store', ...argv], terminal, environmentOf({ COUNTERSIGN_DATA: data }));
  return { status, ...said };
};

const openFolder = (name: string): Promise<SqliteEventStore> =>
  SqliteEventStore.open({ folder: at(name), clock: new ManualClock('2026-11-20T10:00:00.000Z') });

/** So many streams of one append each, really signed by intake's key of the data folder. */
const fill = async (name: string, streams: number): Promise<void> => {
  const log = await openFolder(name);
  const signer = loadOrCreateKey(keysFolderOf(data), 'intake');
  const appendTo = (stream: string) =>
    log.append(stream, 'no-stream', signAppend(stream, 0, [sampleEvent({ stream })], signer));
  await Promise.all(Array.from({ length: streams }, (_, index) => appendTo(`request-${index}`)));
  await log.close();
};

const served = async (): Promise<DevEventStore> => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-served-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const dev = await DevEventStore.start({ folder });
  onTestFinished(() => dev.close());
  return dev;
};

const json = (text: string): unknown => JSON.parse(text);

describe('countersign store', () => {
  it('moves a log from one store to the next, and back', async () => {
    await fill('log', 20);
    const dev = await served();
    const keys = ['--public-keys', join(keysFolderOf(data), 'public'), '--json'];
    const left = await store('export', at('1'), ...keys);
    const there = await store('import', at('1'), '--store', dev.address, ...keys);
    const returned = await store('export', at('2'), '--store', dev.address, ...keys);
    const back = await store('import', at('2'), '--store', sqlite('other'), ...keys);
    const { logDigest } = json(left.out) as { logDigest: string };
    for (const { status, err, out } of [left, there, returned, back]) {
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(json(out)).toMatchObject({ events: 20, logDigest });
    }
    expect(statSync(at('1')).mode & 0o777).toBe(0o600);
  });

  it('keeps the time of commit from SQLite to SQLite, so that the files are the same', async () => {
    await fill('log', 5);
    await store('export', at('1'));
    await store('import', at('1'), '--store', sqlite('other'));
    await store('export', at('2'), '--store', sqlite('other'));
    expect(readFileSync(at('2'), 'utf8')).toBe(readFileSync(at('1'), 'utf8'));
  });

  it('appends nothing of a file that was cut', async () => {
    await fill('log', 5);
    await store('export', at('1'));
    truncateSync(at('1'), statSync(at('1')).size - 10);
    const { status, err } = await store('import', at('1'), '--store', sqlite('other'));
    expect(status).toBe(5);
    expect(err).toContain('code archive_cut');
    expect(existsSync(at('other'))).toBe(false);
  });

  it.each([
    ['a log that isn’t there', 2, 'usage', () => store('export', at('1'), '--store', sqlite('nowhere'))],
    ['a file that is there already', 2, 'usage', () => store('export', at('keys'))],
    ['a file that isn’t there', 2, 'usage', () => store('import', at('1'), '--store', sqlite('other'))],
    ['keys that aren’t there', 2, 'usage', () => store('export', at('1'), '--public-keys', at('nowhere'))],
    [
      'an address that is none',
      2,
      'invalid_event_store_address',
      () => store('export', at('1'), '--store', 'x'),
    ],
    [
      'a store that holds another log',
      16,
      'store_not_empty',
      async () => {
        await store('export', at('1'));
        await fill('other', 1);
        return store('import', at('1'), '--store', sqlite('other'));
      },
    ],
    [
      'a log that a server holds',
      16,
      'store_locked',
      async () => {
        const held: EventStore & { close(): Promise<void> } = await openFolder('log');
        const result = await store('export', at('1'));
        await held.close();
        return result;
      },
    ],
    [
      'a log of unknown keys',
      5,
      'signature_invalid',
      async () => {
        loadOrCreateKey(at('others'), 'intake');
        return store('export', at('1'), '--public-keys', at('others/public'));
      },
    ],
  ] satisfies [string, number, string, () => ReturnType<typeof store>][])(
    'refuses %s with %i',
    async (_, status, code, act) => {
      await fill('log', 3);
      const result = await act();
      expect(result).toMatchObject({ status, out: '' });
      expect(result.err).toContain(`code ${code}`);
      expect(existsSync(at('1.unfinished'))).toBe(false);
    },
  );

  it('goes on with an import that was killed, and doubles nothing', { timeout: 60_000 }, async () => {
    await fill('log', 150);
    await store('export', at('1'));
    const dev = await served();
    const args = ['--conditions=@countersign/source', MAIN, 'store', 'import', '-', '--store', dev.address];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    const exited = once(child, 'exit');
    child.stdin.on('error', () => undefined);
    // All but the end: it can't have finished when it is killed.
    child.stdin.write(readFileSync(at('1')).subarray(0, -1_000));
    const standing = async (): Promise<number> => Number((await dev.store.head()) ?? 0);
    await expect.poll(standing, { timeout: 30_000 }).toBeGreaterThan(30);
    child.kill('SIGKILL');
    await exited;
    const before = await standing();
    const { status, out } = await store('import', at('1'), '--store', dev.address, '--json');
    expect(status).toBe(0);
    expect(json(out)).toMatchObject({ events: 150, appended: 150 - before });
  });

  it('passes through a pipe, and says what it is on stderr', { timeout: 60_000 }, async () => {
    await fill('log', 3);
    const args = ['--conditions=@countersign/source', MAIN, 'store', 'export', '-', '--json'];
    const env = { ...process.env, COUNTERSIGN_DATA: data };
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const [out, err] = await Promise.all([child.stdout, child.stderr].map((stream) => stream.toArray()));
    writeFileSync(at('1'), Buffer.concat(out as Buffer[]));
    const { fileDigest } = json(Buffer.concat(err as Buffer[]).toString()) as { fileDigest: string };
    const imported = await store('import', at('1'), '--store', sqlite('other'), '--json');
    expect(json(imported.out)).toMatchObject({ events: 3, fileDigest });
  });
});

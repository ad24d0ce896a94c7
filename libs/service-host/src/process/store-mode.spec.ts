import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppendVerifier, EventWriter } from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { CodedError } from '@countersign/kernel';
import { ManualClock, testKeys } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Mode } from '../config/service-config.ts';
import { awaitStoreMode, ensureStoreMode, MODE_STREAM, type StoreModeOptions } from './store-mode.ts';

const clock = new ManualClock();
const keys = testKeys();
let folder: string;
let store: MemoryEventStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-mode-'));
  store = new MemoryEventStore(clock);
});
afterEach(() => rmSync(folder, { recursive: true }));

const options = (mode: Mode, writesLog: boolean, signing = keys): StoreModeOptions => ({
  mode,
  store,
  clock,
  verifier: new AppendVerifier(keys.keyRing),
  writer: writesLog
    ? new EventWriter({ service: 'policy', store, signer: signing.signer('policy'), clock })
    : undefined,
  shared: false,
  markerPath: join(folder, 'mode'),
});

const codeOf = async (ensuring: Promise<unknown>): Promise<string> =>
  ensuring.then(
    () => 'opened',
    (error: unknown) => (error instanceof CodedError ? String(error.code) : 'uncoded'),
  );

describe("a store's mode", () => {
  it.each([
    ['in the log', true],
    ['beside it, in a process that may not write there', false],
  ])('is recorded once, %s', async (_, writesLog) => {
    await ensureStoreMode(options('development', writesLog));
    await ensureStoreMode(options('development', writesLog));
    expect(await store.readStream(MODE_STREAM)).toHaveLength(writesLog ? 1 : 0);
    expect(await codeOf(ensureStoreMode(options('production', writesLog)))).toBe('mode_mismatch');
  });

  it.each<[Mode, Mode]>([
    ['development', 'production'],
    ['production', 'development'],
  ])('of a %s folder never becomes %s', async (made, opened) => {
    await ensureStoreMode(options(made, false));
    expect(await codeOf(ensureStoreMode(options(opened, true)))).toBe('mode_mismatch');
    expect(await store.readStream(MODE_STREAM)).toEqual([]);
  });

  it('is not believed where policy did not sign it', async () => {
    await ensureStoreMode(options('production', true, testKeys()));
    expect(await codeOf(ensureStoreMode(options('production', true)))).toBe('signature_invalid');
  });

  it('is waited for where others write the log, and nothing is recorded beside it', async () => {
    const waiting = { ...options('production', false), shared: true };
    expect(await ensureStoreMode(waiting)).toBe(false);
    const known = awaitStoreMode(waiting, new AbortController().signal);
    await ensureStoreMode(options('production', true));
    await expect(known).resolves.toBeUndefined();
    expect(existsSync(waiting.markerPath)).toBe(false);
  });

  it('that turns out to be another ends the wait', async () => {
    const known = awaitStoreMode(
      { ...options('production', false), shared: true },
      new AbortController().signal,
    );
    const [code] = await Promise.all([codeOf(known), ensureStoreMode(options('development', true))]);
    expect(code).toBe('mode_mismatch');
  });

  it('is not waited for by a process that is to end', async () => {
    const ending = new AbortController();
    const waiting = awaitStoreMode({ ...options('production', false), shared: true }, ending.signal);
    ending.abort('stop');
    await expect(waiting).rejects.toBe('stop');
  });
});

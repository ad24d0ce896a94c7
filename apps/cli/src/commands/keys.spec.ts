import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysFolderOf, loadKeyRing, loadOrCreateKey } from '@countersign/keys-file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf } from '../environment.ts';
import { runCli } from '../program.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const rotate = async (name: string) => {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    errIsTty: false,
  };
  const status = await runCli(['keys', 'rotate', name], terminal, environmentOf({ COUNTERSIGN_DATA: data }));
  return { status, ...said };
};

describe('rotating a key', () => {
  it('signs by a new one, and leaves what verifies the old', async () => {
    const folder = keysFolderOf(data);
    const before = loadOrCreateKey(folder, 'grant-token').kid;
    const { status, out } = await rotate('grant-token');
    const after = loadOrCreateKey(folder, 'grant-token').kid;
    expect(status).toBe(0);
    expect(after).not.toBe(before);
    expect(out).toContain(after);
    const published = loadKeyRing(folder).all('grant-token');
    expect(published.map(({ kid }) => kid).toSorted()).toEqual([before, after].toSorted());
  });

  it('refuses a name that signs nothing', async () => {
    loadOrCreateKey(keysFolderOf(data), 'policy');
    const { status, err } = await rotate('polcy');
    expect(status).toBe(2);
    expect(err).toContain('"polcy"');
  });
});

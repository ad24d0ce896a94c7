import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  keysFolderOf,
  loadKeyRing,
  loadOrCreateKey,
  publicFolderOf,
  serviceKeyFolder,
} from '@countersign/keys-file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf } from '../environment.ts';
import { runCli } from '../program.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const keys = async (...args: readonly string[]) => {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    errIsTty: false,
  };
  const status = await runCli(['keys', ...args], terminal, environmentOf({ COUNTERSIGN_DATA: data }));
  return { status, ...said };
};

describe('rotating a key', () => {
  it('signs by a new one, and leaves what verifies the old', async () => {
    const folder = keysFolderOf(data);
    const before = loadOrCreateKey(folder, 'grant-token').kid;
    const { status, out } = await keys('rotate', 'grant-token');
    const after = loadOrCreateKey(folder, 'grant-token').kid;
    expect(status).toBe(0);
    expect(after).not.toBe(before);
    expect(out).toContain(after);
    const published = loadKeyRing(folder).all('grant-token');
    expect(published.map(({ kid }) => kid).toSorted()).toEqual([before, after].toSorted());
  });

  it('refuses a name that signs nothing', async () => {
    loadOrCreateKey(keysFolderOf(data), 'policy');
    const { status, err } = await keys('rotate', 'polcy');
    expect(status).toBe(2);
    expect(err).toContain('"polcy"');
  });
});

describe('the keys of services apart', () => {
  it('are made in a folder for each service, and none is printed', async () => {
    const folder = join(data, 'deployed');
    const { status, out } = await keys('create', folder);
    expect(status).toBe(0);
    expect(readdirSync(serviceKeyFolder(folder, 'credentials')).toSorted()).toEqual([
      'credentials.pem',
      'grant-token.pem',
    ]);
    expect(loadKeyRing(folder).all('policy')).toHaveLength(1);
    expect(out).not.toContain('PRIVATE');
  });

  it('stay when they are made again, but for the one that is rotated, in its own folder', async () => {
    const folder = join(data, 'deployed');
    await keys('create', folder);
    const kidOf = (service: 'policy' | 'audit') =>
      loadOrCreateKey(serviceKeyFolder(folder, service), service, publicFolderOf(folder)).kid;
    const before = { policy: kidOf('policy'), audit: kidOf('audit') };
    const { status } = await keys('rotate', 'policy', '--folder', folder);
    await keys('create', folder);
    expect(status).toBe(0);
    expect(kidOf('audit')).toBe(before.audit);
    expect(kidOf('policy')).not.toBe(before.policy);
    expect(readdirSync(folder).toSorted()).toEqual(
      ['audit', 'credentials', 'intake', 'notification', 'policy', 'public'].toSorted(),
    );
  });
});

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVELOPMENT_ISSUER, publicFolderOf } from '@countersign/keys-file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeys } from './named-keys.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'countersign-named-keys-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const folderOf = (service: string) => join(parent, service);
const apart = (service: string) => ({ folder: folderOf(service), publicFolder: join(parent, 'public') });

describe('the keys of a process', () => {
  it('are those of its services, and no others', async () => {
    const { keys } = openKeys(apart('credentials'), ['credentials'], 'development');
    expect(readdirSync(folderOf('credentials')).toSorted()).toEqual(['credentials.pem', 'grant-token.pem']);
    for (const name of ['policy', 'receipt', DEVELOPMENT_ISSUER.keyName]) {
      await expect(keys.tokenKey(name)).rejects.toMatchObject({ code: 'not_our_key' });
      await expect(keys.signer(name)).rejects.toMatchObject({ code: 'not_our_key' });
    }
  });

  it('verify across processes that share the public ones, whichever started first', async () => {
    const credentials = openKeys(apart('credentials'), ['credentials']);
    const policy = openKeys(apart('policy'), ['policy']);
    const bytes = Buffer.from('an append');
    const { kid, sign } = await policy.keys.signer('policy');
    expect(credentials.keyRing.verify('policy', kid, bytes, sign(bytes))).toBe(true);
    expect(await policy.keys.publicKeys('grant-token')).toHaveLength(1);
  });

  it("hold development's issuer only where the public ones lie beside them", () => {
    const folder = folderOf('all');
    openKeys({ folder, publicFolder: publicFolderOf(folder) }, ['policy'], 'development');
    expect(readdirSync(folder)).toContain(`${DEVELOPMENT_ISSUER.keyName}.pem`);
    openKeys(apart('production'), ['policy']);
    expect(readdirSync(folderOf('production'))).toEqual(['policy.pem']);
  });

  it('that can not be made name the setting to change', () => {
    const file = join(parent, 'public');
    mkdirSync(file);
    chmodSync(file, 0o777);
    expect(() => openKeys(apart('policy'), ['policy'])).toThrow(
      expect.objectContaining({ code: 'invalid_config', field: 'COUNTERSIGN_PUBLIC_KEYS' }),
    );
  });
});

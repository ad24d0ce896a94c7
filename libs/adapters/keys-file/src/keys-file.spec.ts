import { createPrivateKey } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SERVICE_KEYS } from '@countersign/contracts';
import { calculateJwkThumbprint, jwtVerify, SignJWT } from 'jose';
import { createServiceKeys, loadKeyRing, loadOrCreateKey, loadPublicKeys, rotateKey } from './index.ts';
import { toSigningKey } from './signing-key.ts';

const BYTES = Buffer.from('an append');

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
  folder = join(parent, 'keys');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

const mode = (path: string): number => statSync(path).mode & 0o777;

describe('a key folder', () => {
  it('makes a key once and gives the same one afterwards', () => {
    const key = loadOrCreateKey(folder, 'intake');
    expect(loadOrCreateKey(folder, 'intake').kid).toBe(key.kid);
    expect(loadOrCreateKey(folder, 'policy').kid).not.toBe(key.kid);
  });

  it('names a key by its RFC 7638 thumbprint', async () => {
    const { kid, publicJwk } = loadOrCreateKey(folder, 'intake');
    expect(kid).toBe(await calculateJwkThumbprint({ ...publicJwk }));
  });

  it('lets nobody else read what signs, and leaves no temporary file', () => {
    loadOrCreateKey(folder, 'intake');
    rotateKey(folder, 'intake');
    expect(mode(folder)).toBe(0o700);
    expect(mode(join(folder, 'intake.pem'))).toBe(0o600);
    expect(
      [...readdirSync(folder), ...readdirSync(join(folder, 'public'))].filter((file) => file.includes('tmp')),
    ).toEqual([]);
  });

  it.each(['', '../escape', 'Intake', 'a b', 'a.b'])('refuses %j as a name', (name) =>
    expect(() => loadOrCreateKey(folder, name)).toThrow(
      expect.objectContaining({ code: 'invalid_key_name' }),
    ),
  );

  it.each([
    ['a private key that others may read', () => chmodSync(join(folder, 'intake.pem'), 0o640)],
    ['a folder that others may enter', () => chmodSync(folder, 0o711)],
    ['public keys that others may change', () => chmodSync(join(folder, 'public'), 0o775)],
  ])('refuses %s', (_, loosen) => {
    loadOrCreateKey(folder, 'intake');
    loosen();
    expect(() => loadOrCreateKey(folder, 'intake')).toThrow(
      expect.objectContaining({ code: 'key_permissions' }),
    );
  });

  it.each([
    ['a private key', () => join(folder, 'intake.pem')],
    ['a folder', () => folder],
    ['public keys', () => join(folder, 'public')],
  ])('refuses %s of somebody else, whatever its mode', (_, path) => {
    loadOrCreateKey(folder, 'intake');
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(path(), 4_711, 4_711);
    // Who isn't root can give nothing away, but may have been somebody else.
    else vi.spyOn(process, 'geteuid').mockReturnValue(4_711);
    expect(() => loadOrCreateKey(folder, 'intake')).toThrow(
      expect.objectContaining({ code: 'key_permissions' }),
    );
  });

  it('refuses a file that holds no key, and keeps it', () => {
    loadOrCreateKey(folder, 'intake');
    writeFileSync(join(folder, 'intake.pem'), 'torn');
    expect(() => loadOrCreateKey(folder, 'intake')).toThrow(expect.objectContaining({ code: 'invalid_key' }));
    expect(readdirSync(folder)).toContain('intake.pem');
  });

  it('signs tokens by jose', async () => {
    const key = loadOrCreateKey(folder, 'grant-token');
    const token = await new SignJWT({ a: 1 })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
      .sign(key.privateKey);
    const { payload } = await jwtVerify(token, loadKeyRing(folder).find('grant-token', key.kid)!);
    expect(payload).toEqual({ a: 1 });
  });
});

describe('a key ring', () => {
  it('verifies what the named service signed, and nothing else', () => {
    const key = loadOrCreateKey(folder, 'intake');
    const other = loadOrCreateKey(folder, 'policy');
    const ring = loadKeyRing(folder);
    const signature = key.sign(BYTES);
    expect(ring.verify('intake', key.kid, BYTES, signature)).toBe(true);
    expect(ring.verify('policy', key.kid, BYTES, signature)).toBe(false);
    expect(ring.verify('intake', other.kid, BYTES, other.sign(BYTES))).toBe(false);
    expect(ring.verify('intake', key.kid, Buffer.from('another'), signature)).toBe(false);
    expect(ring.verify('intake', key.kid, BYTES, Buffer.alloc(3))).toBe(false);
    expect(ring.verify('intake', 'unknown', BYTES, signature)).toBe(false);
  });

  it('keeps a retired key, and finds a new one when it is met', () => {
    const old = loadOrCreateKey(folder, 'intake');
    const ring = loadKeyRing(folder);
    const fresh = rotateKey(folder, 'intake');
    expect(loadOrCreateKey(folder, 'intake').kid).toBe(fresh.kid);
    expect(ring.verify('intake', fresh.kid, BYTES, fresh.sign(BYTES))).toBe(true);
    expect(ring.verify('intake', old.kid, BYTES, old.sign(BYTES))).toBe(true);
    expect(
      ring
        .all('intake')
        .map(({ kid }) => kid)
        .toSorted(),
    ).toEqual([old.kid, fresh.kid].toSorted());
  });

  it('believes no key any more that was taken out of the folder', async () => {
    const key = loadOrCreateKey(folder, 'intake');
    const ring = loadKeyRing(folder);
    const signature = key.sign(BYTES);
    expect(ring.verify('intake', key.kid, BYTES, signature)).toBe(true);
    rmSync(join(folder, 'public', `intake.${key.kid}.json`));
    await expect
      .poll(() => ring.verify('intake', key.kid, BYTES, signature), { timeout: 10_000 })
      .toBe(false);
  });

  it('refuses a public key under the name of another', () => {
    const { kid } = loadOrCreateKey(folder, 'intake');
    const { publicJwk } = loadOrCreateKey(folder, 'policy');
    writeFileSync(join(folder, 'public', `intake.${kid}.json`), JSON.stringify(publicJwk));
    expect(() => loadKeyRing(folder)).toThrow(expect.objectContaining({ code: 'invalid_key' }));
  });

  it('refuses a public key that others may change', () => {
    const { kid } = loadOrCreateKey(folder, 'intake');
    chmodSync(join(folder, 'public', `intake.${kid}.json`), 0o666);
    expect(() => loadKeyRing(folder)).toThrow(expect.objectContaining({ code: 'key_permissions' }));
  });
});

describe('keys of services apart', () => {
  const published = () => join(parent, 'public');

  it('are published where everybody reads them, and nowhere else', () => {
    const key = loadOrCreateKey(folder, 'intake', published());
    expect(readdirSync(folder)).toEqual(['intake.pem']);
    expect(loadPublicKeys(published()).verify('intake', key.kid, BYTES, key.sign(BYTES))).toBe(true);
  });

  it('are the same for replicas that start at once', async () => {
    const started = await Promise.all(
      Array.from({ length: 5 }, async () => loadOrCreateKey(folder, 'intake', published()).kid),
    );
    expect(new Set(started).size).toBe(1);
  });

  it('lie with their service alone', () => {
    createServiceKeys(folder);
    for (const [service, names] of SERVICE_KEYS) {
      expect(readdirSync(join(folder, service)).toSorted()).toEqual(
        names.map((name) => `${name}.pem`).toSorted(),
      );
    }
  });

  const NOBODY = 65_534;
  const isRoot = process.geteuid?.() === 0;

  /** Root writes wherever it likes: then somebody else acts, in a folder of theirs. */
  const unprivileged = <Result>(act: () => Result): Result => {
    if (!isRoot) return act();
    chownSync(parent, NOBODY, NOBODY);
    process.seteuid?.(NOBODY);
    try {
      return act();
    } finally {
      process.seteuid?.(0);
    }
  };

  it('that nobody published are refused where they can not be, and do where somebody did', () => {
    mkdirSync(published());
    chmodSync(published(), 0o555);
    const load = () => unprivileged(() => loadOrCreateKey(folder, 'intake', published()));
    expect(load).toThrow(expect.objectContaining({ code: 'key_unpublished' }));
    const pem = createPrivateKey(readFileSync(join(folder, 'intake.pem')));
    const { kid, publicJwk } = toSigningKey('intake', pem);
    chmodSync(published(), 0o755);
    writeFileSync(join(published(), `intake.${kid}.json`), JSON.stringify(publicJwk));
    chmodSync(published(), 0o555);
    expect(load().kid).toBe(kid);
    chmodSync(published(), 0o755);
  });

  it('that nobody put in a folder for reading alone are refused', () => {
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    expect(() => unprivileged(() => loadOrCreateKey(folder, 'intake', published()))).toThrow(
      expect.objectContaining({ code: 'key_missing' }),
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '@countersign/fake-teams';
import { afterAll, describe, expect, it } from 'vitest';
import { readCertificate } from './read-certificate.ts';

const NOW = Date.now();
const good = selfSigned();
const other = selfSigned();
const small = selfSigned({ bits: 1_024 });
const curved = selfSigned({ kind: 'ec' });

describe("the app's certificate", () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-teams-certificate-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let nth = 0;
  const written = (content: string, mode = 0o600): string => {
    const path = join(folder, `file-${(nth += 1)}`);
    writeFileSync(path, content, { mode });
    return path;
  };
  const read = (certificate: string, privateKey: string, nowMs = NOW, mode = 0o600) =>
    readCertificate(
      { certificateFile: written(certificate, 0o644), privateKeyFile: written(privateKey, mode) },
      nowMs,
    );

  it('is read with its key, which a group may read', () => {
    expect(read(good.certificate, good.privateKey).thumbprint).toMatch(/^[\w-]{43}$/);
    expect(read(good.certificate, good.privateKey, NOW, 0o640).key.asymmetricKeyType).toBe('rsa');
  });

  const year = 365 * 86_400_000;
  it.each([
    ['a key of another certificate', () => read(good.certificate, other.privateKey), 'privateKeyFile'],
    ['a key that is too small', () => read(small.certificate, small.privateKey), 'privateKeyFile'],
    ['a key that is not for RSA', () => read(curved.certificate, curved.privateKey), 'privateKeyFile'],
    ['no key', () => read(good.certificate, good.certificate), 'privateKeyFile'],
    ['no certificate', () => read(good.privateKey, good.privateKey), 'certificateFile'],
    ['an expired certificate', () => read(good.certificate, good.privateKey, NOW + year), 'certificateFile'],
    ['one of later', () => read(good.certificate, good.privateKey, NOW - year), 'certificateFile'],
  ])('is not taken with %s, and the file is named', (_, reading, setting) => {
    expect(reading).toThrow(
      expect.objectContaining({
        code: 'certificate_unusable',
        message: expect.stringContaining(`${setting} ${folder}`) as string,
      }),
    );
  });

  it('is not taken where it is not there', () => {
    const certificateFile = join(folder, 'nowhere');
    expect(() => readCertificate({ certificateFile, privateKeyFile: written(good.privateKey) }, NOW)).toThrow(
      expect.objectContaining({ code: 'certificate_unusable' }),
    );
  });

  it('is not taken with a key that others may read', () => {
    expect(() => read(good.certificate, good.privateKey, NOW, 0o644)).toThrow(
      expect.objectContaining({
        code: 'secret_unusable',
        message: expect.stringContaining('privateKeyFile') as string,
      }),
    );
  });

  it('is not told of when its key cannot be read', () => {
    const broken = good.privateKey.replace('PRIVATE KEY', 'PRIVATE KEYS');
    try {
      read(good.certificate, broken);
      expect.unreachable();
    } catch (error) {
      const told = JSON.stringify([String(error), String((error as Error).cause), (error as Error).stack]);
      expect(told).not.toContain(good.privateKey.slice(40, 80));
    }
  });
});

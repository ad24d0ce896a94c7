import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecretFile } from './secret-file.ts';

describe('a file with a secret', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-secret-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (content: string, mode: number): string => {
    const path = join(folder, `${mode.toString(8)}-${content.length}`);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  const refusal = { code: 'invalid_config', field: 'COUNTERSIGN_SLACK' };

  it.each([0o600, 0o400, 0o640, 0o440])('is read where only its owner and group may: %o', (mode) => {
    expect(readSecretFile('COUNTERSIGN_SLACK', write('hush-hush\n', mode))).toBe('hush-hush');
  });

  it.each([0o644, 0o660, 0o604])(
    'is refused where others could read it or its group change it: %o',
    (mode) => {
      expect(() => readSecretFile('COUNTERSIGN_SLACK', write('hush', mode))).toThrow(
        expect.objectContaining(refusal) as Error,
      );
    },
  );

  it('is refused where it is empty or missing, and its content is never told', () => {
    for (const path of [write(' \n', 0o600), join(folder, 'missing')])
      expect(() => readSecretFile('COUNTERSIGN_SLACK', path)).toThrow(
        expect.objectContaining(refusal) as Error,
      );
  });
});

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSecret } from './read-secret.ts';

describe("the bot's secret", () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-teams-secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const written = (content: string, mode: number): string => {
    const path = join(folder, `secret-${mode.toString(8)}-${content.length}`);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  it('is read from a file that others cannot read', () => {
    expect(readSecret(written('hush\n', 0o600))).toBe('hush');
    expect(readSecret(written('hush\n', 0o640))).toBe('hush');
  });

  it.each([
    ['others may read', () => written('hush', 0o644)],
    ['its group may write', () => written('hush', 0o660)],
    ['is empty', () => written('\n', 0o600)],
    ['is not there', () => join(folder, 'nowhere')],
  ])('is not taken from a file that %s', (_, path) => {
    expect(() => readSecret(path())).toThrow(expect.objectContaining({ code: 'secret_unusable' }));
  });
});

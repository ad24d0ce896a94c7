import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canonicalBytes } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';

const folder = join(
  process.env['COUNTERSIGN_REFERENCE_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'jcs',
);

const vectorsOfItsAuthor = (): void => {
  const names = readdirSync(join(folder, 'input'));

  it.each(names)('%s canonicalizes to the published bytes', (name) => {
    const input: unknown = JSON.parse(readFileSync(join(folder, 'input', name), 'utf8'));
    const expected = readFileSync(join(folder, 'output', name));
    expect(Buffer.from(canonicalBytes(input)).equals(expected)).toBe(true);
  });

  it('are all there', () => {
    expect(names).toHaveLength(6);
  });
};

const vectorsAreAbsent = (): void => {
  it('were skipped: no reference data at ../shared/data or COUNTERSIGN_REFERENCE_DATA', ({ skip }) => {
    skip(`no folder ${folder}`);
  });
};

describe('the RFC 8785 vectors', existsSync(folder) ? vectorsOfItsAuthor : vectorsAreAbsent);

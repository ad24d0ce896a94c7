import { describe, expect, it } from 'vitest';
import { rebuildText } from './rebuild-text.ts';

describe('a rebuild', () => {
  const rebuilt = {
    equal: true,
    replaced: false,
    events: 7,
    requests: 1,
    digest: 'd',
    replayMs: 3,
    tookMs: 9,
  };

  it('says that it is equal', () => {
    expect(rebuildText(rebuilt)).toContain('equal to the live one');
  });

  it('shows both digests where it differs, and what was done about it', () => {
    const text = rebuildText({ ...rebuilt, equal: false, replaced: true, liveDigest: 'other' });
    expect(text).toContain('differs from the live one');
    expect(text).toContain('the rebuilt one took its place');
    expect(text).toContain('other');
  });
});

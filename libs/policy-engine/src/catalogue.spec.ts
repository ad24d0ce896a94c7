import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueAttributes, propertyConflicts } from './catalogue.ts';
import { globCovers, globMatches, globsOverlap } from './glob.ts';
import type { Catalogue } from './policy-set.ts';

const environments = (entries: Record<string, string>): Catalogue => ({
  trustedAttributes: ['environment'],
  entries: Object.entries(entries).map(([id, environment]) => ({
    type: 'Dataset',
    id,
    attributes: { environment },
  })),
});

describe('the catalogue', () => {
  const catalogue = environments({
    '*': 'unknown',
    'prod-*': 'prod',
    'prod-sandbox-*': 'dev',
    'prod-sandbox-1': 'qa',
  });
  const environmentOf = (id: string, type = 'Dataset') =>
    catalogueAttributes(catalogue, { type, id })['environment'];

  it('lets the narrowest entry speak, in whatever order they stand', () => {
    expect(['x', 'prod-x', 'prod-sandbox-x', 'prod-sandbox-1'].map((id) => environmentOf(id))).toEqual([
      'unknown',
      'prod',
      'dev',
      'qa',
    ]);
    const reversed = { ...catalogue, entries: catalogue.entries.toReversed() };
    expect(catalogueAttributes(reversed, { type: 'Dataset', id: 'prod-sandbox-1' })).toEqual({
      environment: 'qa',
    });
  });

  it('compares case and type exactly', () => {
    expect(environmentOf('Prod-x')).toBe('unknown');
    expect(environmentOf('prod-x', 'dataset')).toBeUndefined();
  });

  it('knows a conflict by value, not by spelling of JSON', () => {
    const entries = [{ type: 'Role', id: '*', attributes: { tags: { a: 1, b: 2 } } }];
    const conflicts = (tags: { a: number; b: number }) =>
      propertyConflicts(
        { trustedAttributes: ['tags'], entries },
        { type: 'Role', id: 'x', properties: { tags } },
      );
    expect(conflicts({ b: 2, a: 1 })).toEqual([]);
    expect(conflicts({ a: 1, b: 3 })).toMatchObject([{ field: 'resource.properties.tags' }]);
  });

  it('names the property that contradicts it', () => {
    const resource = { type: 'Dataset', id: 'prod-x', properties: { environment: 'staging', size: 1 } };
    expect(propertyConflicts(catalogue, resource)).toEqual([
      { field: 'resource.properties.environment', claimed: 'staging', catalogued: 'prod' },
    ]);
  });
});

describe('patterns', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 5 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 });
  const all = (length: number): readonly string[] =>
    length === 0
      ? ['']
      : all(length - 1).flatMap((head) =>
          head.length === length - 1 ? [head, `${head}a`, `${head}b`] : [head],
        );
  const texts = all(7);

  it('match as the same regular expression does', () => {
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*')}$`, 'u');
        expect(globMatches(glob, subject)).toBe(expression.test(subject));
      }),
    );
  });

  it('cover each other only where every text says so', () => {
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        if (!globCovers(wide, narrow)) return;
        expect(texts.filter((one) => globMatches(narrow, one) && !globMatches(wide, one))).toEqual([]);
      }),
    );
  });

  it('overlap exactly where some text matches both', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const common = texts.some((one) => globMatches(a, one) && globMatches(b, one));
        expect(globsOverlap(a, b)).toBe(common);
      }),
    );
  });
});

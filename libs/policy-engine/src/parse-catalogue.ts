import { canonicalJson, type Json } from '@countersign/kernel';
import { z } from 'zod';
import { globCovers, globsOverlap, isPattern } from './glob.ts';
import type { Diagnostic } from './policy-engine.ts';
import type { Catalogue, CatalogueEntry, PolicyFile } from './policy-set.ts';
import { YamlFile } from './yaml-file.ts';

const attributeName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a Cedar identifier');
const entityType = z
  .string()
  .regex(/^[A-Za-z_]\w*(::[A-Za-z_]\w*)*$/, 'must be a Cedar entity type, such as Dataset');

const attributeValue: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.boolean(),
    z.int(),
    z.string(),
    z.array(attributeValue),
    z.record(attributeName, attributeValue),
  ]),
);

const resourcesFile = z.strictObject({
  trusted: z.array(attributeName),
  resources: z.array(
    z.strictObject({
      type: entityType,
      id: z.string().min(1),
      attributes: z.record(attributeName, attributeValue),
    }),
  ),
});

const untrustedAttributes = (
  file: YamlFile,
  { entries, trustedAttributes }: Catalogue,
): readonly Diagnostic[] =>
  entries.flatMap(({ attributes }, at) =>
    Object.keys(attributes)
      .filter((name) => !trustedAttributes.includes(name))
      .map((name) =>
        file.diagnostic(
          'untrusted_attribute',
          `"${name}" isn't listed under trusted; list it, or leave it out.`,
          ['resources', at, 'attributes', name],
        ),
      ),
  );

const equalAttributes = (a: CatalogueEntry, b: CatalogueEntry): boolean =>
  canonicalJson(a.attributes) === canonicalJson(b.attributes);

/** Two entries between which "the narrower wins" gives no answer, though they say different things. */
const isAmbiguous = (a: CatalogueEntry, b: CatalogueEntry): boolean => {
  if (a.type !== b.type || (!isPattern(a.id) && !isPattern(b.id))) return a.type === b.type && a.id === b.id;
  if (!globsOverlap(a.id, b.id)) return false;
  if (globCovers(a.id, b.id)) return globCovers(b.id, a.id);
  return !globCovers(b.id, a.id) && !equalAttributes(a, b);
};

const ambiguousEntries = (file: YamlFile, { entries }: Catalogue): readonly Diagnostic[] =>
  entries.flatMap((entry, at) =>
    entries
      .slice(0, at)
      .filter((earlier) => isAmbiguous(earlier, entry))
      .map((earlier) =>
        file.diagnostic(
          'ambiguous_entry',
          `${entry.type} "${entry.id}" and "${earlier.id}" match some of the same ids, and neither is narrower than the other; narrow one, or leave one out.`,
          ['resources', at, 'id'],
        ),
      ),
  );

export interface ParsedCatalogue {
  readonly catalogue?: Catalogue;
  readonly diagnostics: readonly Diagnostic[];
}

/** `resources.yaml`: which attributes are trusted, and what they are for which resources. */
export const parseCatalogue = (source: PolicyFile): ParsedCatalogue => {
  const file = new YamlFile(source);
  const parsed = file.parse(resourcesFile);
  if (!('value' in parsed)) return parsed;
  const catalogue: Catalogue = {
    trustedAttributes: parsed.value.trusted,
    entries: parsed.value.resources,
  };
  return {
    catalogue,
    diagnostics: [...untrustedAttributes(file, catalogue), ...ambiguousEntries(file, catalogue)],
  };
};

/** A remark on the `nth` entry (0-based) of `resources.yaml`, made by who knows more than the parser. */
export const catalogueEntryDiagnostic = (
  source: PolicyFile,
  nth: number,
  code: string,
  message: string,
  attribute?: string,
): Diagnostic =>
  new YamlFile(source).diagnostic(code, message, [
    'resources',
    nth,
    ...(attribute === undefined ? [] : ['attributes', attribute]),
  ]);

import type { Resource } from '@countersign/domain-action';
import { canonicalJson, type EntityRef, type Json, type JsonObject } from '@countersign/kernel';
import { globCovers, globMatches, isPattern } from './glob.ts';
import type { Catalogue, CatalogueEntry } from './policy-set.ts';

const NOTHING: JsonObject = {};

interface EntriesOfType {
  readonly byId: ReadonlyMap<string, CatalogueEntry>;
  readonly patterns: readonly CatalogueEntry[];
}

const indexOf = ({ entries }: Catalogue): ReadonlyMap<string, EntriesOfType> =>
  new Map(
    [...Map.groupBy(entries, ({ type }) => type)].map(([type, ofType]) => [
      type,
      {
        byId: new Map(ofType.filter(({ id }) => !isPattern(id)).map((entry) => [entry.id, entry])),
        patterns: ofType.filter(({ id }) => isPattern(id)),
      },
    ]),
  );

const indexes = new WeakMap<Catalogue, ReadonlyMap<string, EntriesOfType>>();

const entriesOf = (catalogue: Catalogue, type: string): EntriesOfType | undefined => {
  const index = indexes.get(catalogue) ?? indexOf(catalogue);
  indexes.set(catalogue, index);
  return index.get(type);
};

const narrower = (best: CatalogueEntry | undefined, entry: CatalogueEntry): CatalogueEntry =>
  best === undefined || globCovers(best.id, entry.id) ? entry : best;

/**
 * What the catalogue says of a resource: the attributes of the narrowest entry whose pattern matches its
 * id. Nothing for a resource that isn't catalogued. The parser refuses entries between which this
 * wouldn't be decided.
 */
export const catalogueAttributes = (catalogue: Catalogue, { type, id }: EntityRef): JsonObject => {
  const entries = entriesOf(catalogue, type);
  const entry =
    entries?.byId.get(id) ??
    entries?.patterns
      .filter((pattern) => globMatches(pattern.id, id))
      .reduce<CatalogueEntry | undefined>(narrower, undefined);
  return entry?.attributes ?? NOTHING;
};

/** A property of a request that says otherwise than the catalogue. */
export interface PropertyConflict {
  /** `resource.properties.environment` */
  readonly field: string;
  readonly claimed: Json;
  readonly catalogued: Json;
}

/** Where the catalogue is silent, a property is a claim and no conflict. */
export const propertyConflicts = (catalogue: Catalogue, resource: Resource): readonly PropertyConflict[] =>
  Object.entries(catalogueAttributes(catalogue, resource)).flatMap(([name, catalogued]) => {
    const claimed = Object.hasOwn(resource.properties, name) ? resource.properties[name] : undefined;
    return claimed === undefined || canonicalJson(claimed) === canonicalJson(catalogued)
      ? []
      : [{ field: `resource.properties.${name}`, claimed, catalogued }];
  });

import type { Resource } from '@countersign/domain-action';
import { canonicalJson, type EntityRef, type Json, type JsonObject } from '@countersign/kernel';
import { globCovers, globMatches } from './glob.ts';
import type { Catalogue, CatalogueEntry } from './policy-set.ts';

const NOTHING: JsonObject = {};

const narrower = (best: CatalogueEntry | undefined, entry: CatalogueEntry): CatalogueEntry =>
  best === undefined || globCovers(best.id, entry.id) ? entry : best;

/**
 * What the catalogue says of a resource: the attributes of the narrowest entry whose pattern matches its
 * id. Nothing for a resource that isn't catalogued. The parser refuses entries between which this
 * wouldn't be decided.
 */
export const catalogueAttributes = (catalogue: Catalogue, { type, id }: EntityRef): JsonObject =>
  catalogue.entries
    .filter((entry) => entry.type === type && globMatches(entry.id, id))
    .reduce<CatalogueEntry | undefined>(narrower, undefined)?.attributes ?? NOTHING;

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

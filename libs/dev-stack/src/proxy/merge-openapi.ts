import { isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import { UNAVAILABLE } from './problems.ts';

const objectAt = (value: Json | undefined, ...path: readonly string[]): JsonObject => {
  let at: Json | undefined = value;
  for (const key of path) at = isJsonObject(at) ? at[key] : undefined;
  return isJsonObject(at) ? at : {};
};

/** The services' descriptions as one: their paths side by side; what they share is the same in each. */
export const mergeOpenApi = (documents: readonly JsonObject[]): JsonObject => {
  const [first = {}] = documents;
  const paths = Object.assign({}, ...documents.map((document) => objectAt(document, 'paths'))) as JsonObject;
  const schemas = documents.map((document) => objectAt(document, 'components', 'schemas'));
  return {
    ...first,
    paths: withUnavailable(paths),
    components: {
      ...objectAt(first, 'components'),
      schemas: Object.assign({}, ...schemas) as JsonObject,
    },
  };
};

/** Each call may also be answered by the proxy. */
const withUnavailable = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withUnavailable);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '503' ? withCodes(inner) : withUnavailable(inner ?? null),
    ]),
  ) as JsonObject;
};

const withCodes = (value: Json | undefined): Json => {
  if (Array.isArray(value)) return value.map(withCodes);
  if (!isJsonObject(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'enum' && Array.isArray(inner) ? [...inner, ...UNAVAILABLE] : withCodes(inner),
    ]),
  ) as JsonObject;
};

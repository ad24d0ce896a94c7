import { isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import { UNAVAILABLE } from './problems.ts';

const objectAt = (value: Json | undefined, ...path: readonly string[]): JsonObject => {
  let at: Json | undefined = value;
  for (const key of path) at = isJsonObject(at) ? at[key] : undefined;
  return isJsonObject(at) ? at : {};
};

const merged = (objects: readonly JsonObject[]): JsonObject =>
  Object.fromEntries(objects.flatMap((object) => Object.entries(object)));

/** The services' descriptions as one: their paths side by side; what they share is the same in each. */
export const mergeOpenApi = (documents: readonly JsonObject[]): JsonObject => {
  const [first = {}] = documents;
  const paths = merged(documents.map((document) => objectAt(document, 'paths')));
  const schemas = merged(documents.map((document) => objectAt(document, 'components', 'schemas')));
  return {
    ...first,
    paths: withUnavailable(paths),
    components: { ...objectAt(first, 'components'), schemas },
  };
};

type Change = (value: Json, key: string) => Json;

const changed = (value: Json, change: Change): Json => {
  if (Array.isArray(value)) return value.map((inner: Json, index) => change(inner, String(index)));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner ?? null, key)]));
};

/** Each call may also be answered by the proxy. */
const withUnavailable = (value: Json): Json =>
  changed(value, (inner, key) => (key === '503' ? withCodes(inner) : withUnavailable(inner)));

const withCodes = (value: Json): Json =>
  changed(value, (inner, key) =>
    key === 'enum' && Array.isArray(inner) ? inner.concat(UNAVAILABLE) : withCodes(inner),
  );

import { isJsonObject, type Json, type JsonObject } from '@countersign/kernel';

/** Everything below `value`, by path, containers too. */
const pathsIn = (value: Json, path: string[] = []): string[][] =>
  isJsonObject(value) || Array.isArray(value)
    ? Object.entries<Json>(value).flatMap(([name, member]) => [
        [...path, name],
        ...pathsIn(member, [...path, name]),
      ])
    : [];

type Container = Record<string, Json>;

const edited = (
  body: JsonObject,
  path: readonly string[],
  edit: (at: Container, name: string) => void,
): JsonObject => {
  const copy: Container = structuredClone(body);
  const at = path.slice(0, -1).reduce((container, name) => container[name] as Container, copy);
  edit(at, path.at(-1) ?? '');
  return copy;
};

const change = (at: Container, name: string): void => {
  const value = at[name];
  at[name] = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value} ` : 'changed';
};

const remove = (at: Container, name: string): void => {
  if (Array.isArray(at)) at.splice(Number(name), 1);
  else delete at[name];
};

const addWithin = (at: Container, name: string): void => {
  const value = at[name];
  if (Array.isArray(value)) value.push('more');
  else if (isJsonObject(value)) Object.assign(value, { more: true });
  else at[name] = [value ?? null];
};

/** Properties that are left out are empty, by AuthZEN: that alone is no change. */
const isEmptyProperties = (path: readonly string[]): boolean => path.at(-1) === 'properties';

/** This body with one thing changed, one thing added, one thing removed: each of them, at every place. */
export const everyEditOf = (body: JsonObject): readonly JsonObject[] =>
  pathsIn(body).flatMap((path) => [
    edited(body, path, change),
    edited(body, path, addWithin),
    ...(isEmptyProperties(path) ? [] : [edited(body, path, remove)]),
  ]);

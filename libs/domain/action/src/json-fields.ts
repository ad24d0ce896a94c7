import { CodedError, isJsonObject, type Json, type JsonObject } from '@countersign/kernel';

export const invalidField = (field: string, expectation: string): CodedError<'invalid_field'> =>
  new CodedError('invalid_field', `"${field}" must be ${expectation}.`, { field });

/** The member's value, or undefined; never something inherited. */
export const memberOf = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

export const objectAt = (value: Json | undefined, field: string): JsonObject => {
  if (!isJsonObject(value)) throw invalidField(field, 'an object');
  return value;
};

export const stringAt = (value: Json | undefined, field: string): string => {
  if (typeof value !== 'string' || value === '') throw invalidField(field, 'a string that is not empty');
  return value;
};

/** Where `prefix` is empty the object is the body itself. */
export const refuseUnknownMembers = (object: JsonObject, known: readonly string[], prefix: string): void => {
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    const field = prefix === '' ? name : `${prefix}.${name}`;
    throw new CodedError('unknown_field', `"${field}" is not known here; leave it out.`, { field });
  }
};

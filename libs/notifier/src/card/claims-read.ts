import type { PrivilegedAction } from '@countersign/domain-action';
import { isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import type { CardClaim } from './review-card.ts';

/** The value under a dotted path. A member's own name may hold dots, so every way to read it is tried. */
const valueAt = (value: Json, names: readonly string[]): Json | undefined => {
  if (names.length === 0) return value;
  if (!isJsonObject(value)) return undefined;
  for (let count = 1; count <= names.length; count += 1) {
    const name = names.slice(0, count).join('.');
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    const found = member === undefined ? undefined : valueAt(member, names.slice(count));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Each claim that the policies read, with what the requester said; also where it said nothing. */
export const claimsRead = (
  { subject, action, resource, context }: PrivilegedAction,
  paths: readonly string[],
): readonly CardClaim[] => {
  const said: JsonObject = {
    subject: { ...subject },
    action: { ...action },
    resource: { ...resource },
    context,
  };
  return paths.map((path) => {
    const value = valueAt(said, path.split('.'));
    return { path, ...(value !== undefined && { value }) };
  });
};

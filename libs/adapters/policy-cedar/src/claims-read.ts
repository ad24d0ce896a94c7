import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isJsonObject } from '@countersign/kernel';
import { DIRECTORY_ATTRIBUTES } from './map-request.ts';

type AccessPath = readonly [root: string, ...attributes: string[]];

const attributesOf = (attr: unknown): readonly string[] =>
  (Array.isArray(attr) ? attr : [attr]).filter((one) => typeof one === 'string');

/** `context.rows`, `resource has meta.size` → their path from the variable; anything else is no access. */
const pathOf = (expression: unknown): AccessPath | undefined => {
  if (!isJsonObject(expression)) return undefined;
  if (typeof expression['Var'] === 'string') return [expression['Var']];
  const access = expression['.'] ?? expression['has'];
  if (!isJsonObject(access)) return undefined;
  const left = pathOf(access['left']);
  return left === undefined ? undefined : [...left, ...attributesOf(access['attr'])];
};

const accessesIn = (expression: unknown): readonly AccessPath[] => {
  const path = pathOf(expression);
  if (path !== undefined) return [path];
  if (Array.isArray(expression)) return expression.flatMap(accessesIn);
  return isJsonObject(expression) ? Object.values(expression).flatMap(accessesIn) : [];
};

/** An access in the request's words, where it reads something that the requester alone says. */
const claimOf = (
  [root, first, ...rest]: AccessPath,
  trustedAttributes: ReadonlySet<string>,
): readonly string[] => {
  const named = (prefix: string): readonly string[] =>
    first === undefined ? [] : [[prefix, first, ...rest].join('.')];
  switch (root) {
    case 'context':
      if (first === 'action') return [['action.properties', ...rest].join('.')];
      return first === undefined ? ['context'] : named('context');
    case 'resource':
      return first !== undefined && trustedAttributes.has(first) ? [] : named('resource.properties');
    case 'principal':
      return first !== undefined && DIRECTORY_ATTRIBUTES.has(first) ? [] : named('subject.properties');
    default:
      return [];
  }
};

/** Which of the requester's claims a policy reads, sorted: `context.rows`, `resource.properties.size`. */
export const claimsRead = (
  { conditions }: PolicyJson,
  trustedAttributes: ReadonlySet<string>,
): readonly string[] => {
  const accesses = conditions.flatMap(({ body }) => accessesIn(body));
  return [...new Set(accesses.flatMap((path) => claimOf(path, trustedAttributes)))].sort();
};

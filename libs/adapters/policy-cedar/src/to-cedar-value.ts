import { checkParseContext, type CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isJsonObject, type EntityRef, type Json, type JsonObject } from '@countersign/kernel';
import type { DeclaredMembers, DeclaredType } from './declared-schema.ts';

/** A member that the schema declares and the request gives otherwise, or not though it must. */
export interface Mismatch {
  /** In the request's words: `context.rows`. */
  readonly path: string;
  readonly expected: string;
}

export type CedarRecord = Record<string, CedarValueJson>;

const SIMPLE = { Record: 'an object', Long: 'an integer', Bool: 'true or false', String: 'a text' } as const;

const describe = (type: DeclaredType): string => {
  if (type.kind === 'Extension') return `a text that Cedar's ${type.fn} reads`;
  if (type.kind === 'Entity') return `{type: "${type.name}", id}`;
  return type.kind === 'Set' ? `a list, each element ${describe(type.element)}` : SIMPLE[type.kind];
};

export const toCedarEntity = ({ type, id }: EntityRef): CedarValueJson => ({ __entity: { type, id } });

const toScalar = (kind: 'String' | 'Long' | 'Bool', given: Json): CedarValueJson | undefined => {
  if (kind === 'String') return typeof given === 'string' ? given : undefined;
  if (kind === 'Bool') return typeof given === 'boolean' ? given : undefined;
  // Adding 0 turns -0, which is no integer to Cedar, into 0.
  return typeof given === 'number' && Number.isSafeInteger(given) ? given + 0 : undefined;
};

/** Cedar itself judges the text, so that what passes here never fails to evaluate. */
const toExtension = (fn: string, arg: Json): CedarValueJson | undefined => {
  if (typeof arg !== 'string') return undefined;
  const value = { __extn: { fn, arg } };
  return checkParseContext({ context: { value } }).type === 'success' ? value : undefined;
};

const toEntity = (name: string, value: Json): CedarValueJson | undefined => {
  if (!isJsonObject(value) || Object.keys(value).length !== 2) return undefined;
  const { type, id } = value;
  return type === name && typeof id === 'string' ? toCedarEntity({ type, id }) : undefined;
};

/** Converts by declared type, and collects what doesn't fit instead of guessing. */
export class CedarConversion {
  readonly mismatches: Mismatch[] = [];

  /** The declared members of `source`; undeclared ones stay out. */
  record(members: DeclaredMembers, source: JsonObject, path: string): CedarRecord {
    return Object.fromEntries(
      [...members].flatMap(([name, { type, required }]) => {
        const given = Object.hasOwn(source, name) ? source[name] : undefined;
        if (given === undefined) {
          if (required) this.#mismatch(`${path}.${name}`, type);
          return [];
        }
        const value = this.value(type, given, `${path}.${name}`);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  value(type: DeclaredType, given: Json, path: string): CedarValueJson | undefined {
    const value = this.#converted(type, given, path);
    if (value === undefined) this.#mismatch(path, type);
    return value;
  }

  #converted(type: DeclaredType, given: Json, path: string): CedarValueJson | undefined {
    if (type.kind === 'Extension') return toExtension(type.fn, given);
    if (type.kind === 'Entity') return toEntity(type.name, given);
    if (type.kind === 'Set') return Array.isArray(given) ? this.#list(type.element, given, path) : undefined;
    if (type.kind !== 'Record') return toScalar(type.kind, given);
    return isJsonObject(given) ? this.record(type.members, given, path) : undefined;
  }

  #list(element: DeclaredType, given: readonly Json[], path: string): CedarValueJson[] {
    return given.flatMap((value, index) => {
      const converted = this.value(element, value, `${path}[${index}]`);
      return converted === undefined ? [] : [converted];
    });
  }

  #mismatch(path: string, type: DeclaredType): void {
    this.mismatches.push({ path, expected: describe(type) });
  }
}

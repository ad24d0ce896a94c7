import { CodedError } from './coded-error.ts';

/** AuthZEN's `{type, id}`: a principal or a resource, without properties. */
export interface EntityRef {
  readonly type: string;
  readonly id: string;
}

export const sameEntity = (a: EntityRef, b: EntityRef): boolean => a.type === b.type && a.id === b.id;

/** Cedar's notation, `Agent::"etl-bot"`; quotes and backslashes in the id are escaped as in JSON. */
export const formatEntity = ({ type, id }: EntityRef): string => `${type}::${JSON.stringify(id)}`;

const ENTITY = /^([A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*)::("(?:[^"\\]|\\.)*")$/u;

/** Reads Cedar's notation; anything else is `invalid_entity`. */
export const parseEntity = (text: string): EntityRef => {
  const [, type, quoted] = ENTITY.exec(text) ?? [];
  if (type === undefined || quoted === undefined) {
    throw new CodedError('invalid_entity', `"${text}" names no entity; write it like Agent::"etl-bot".`);
  }
  return { type, id: JSON.parse(quoted) as string };
};

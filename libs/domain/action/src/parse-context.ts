import type { Json, JsonObject } from '@countersign/kernel';
import type { ActionContext, WellKnownContext } from './action.ts';
import { invalidField, memberOf, objectAt, refuseUnknownMembers, stringAt } from './json-fields.ts';

export const MAX_JUSTIFICATION_CHARACTERS = 2_000;

type Check = (value: Json, field: string) => void;

const isString = (value: Json): value is string => typeof value === 'string';

const checkJustification: Check = (value, field) => {
  const characters = isString(value) ? Array.from(value).length : 0;
  if (characters < 1 || characters > MAX_JUSTIFICATION_CHARACTERS) {
    throw invalidField(field, `1 to ${MAX_JUSTIFICATION_CHARACTERS} characters that say why`);
  }
};

const checkText: Check = (value, field) => {
  if (!isString(value)) throw invalidField(field, 'a string');
};

const checkCommand: Check = (value, field) => {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isString)) {
    throw invalidField(field, 'an argv: an array of strings, the program first');
  }
};

const checkExecutor: Check = (value, field) => {
  const executor = objectAt(value, field);
  stringAt(memberOf(executor, 'type'), `${field}.type`);
  stringAt(memberOf(executor, 'id'), `${field}.id`);
  refuseUnknownMembers(executor, ['type', 'id'], field);
};

const checkLabels: Check = (value, field) => {
  if (!Object.values(objectAt(value, field)).every(isString)) {
    throw invalidField(field, 'an object of strings');
  }
};

const CHECKS: Readonly<Record<keyof WellKnownContext, Check>> = {
  justification: checkJustification,
  destination: checkText,
  impact: checkText,
  command: checkCommand,
  executor: checkExecutor,
  credential: objectAt,
  labels: checkLabels,
};

/** Well-known members are checked where they stand; anything else the action needs is free, and bound. */
const assertContext: (context: JsonObject) => asserts context is ActionContext = (context) => {
  if (memberOf(context, 'justification') === undefined) checkJustification(null, 'context.justification');
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = memberOf(context, name);
    if (value !== undefined) check(value, `context.${name}`);
  }
};

export const parseContext = (value: Json | undefined): ActionContext => {
  const context = objectAt(value, 'context');
  assertContext(context);
  return context;
};

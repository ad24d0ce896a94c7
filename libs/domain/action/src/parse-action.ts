import { CodedError, isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import type { ActionBody, ActionName, PrivilegedAction, Resource, Subject } from './action.ts';
import { invalidField, memberOf, objectAt, refuseUnknownMembers, stringAt } from './json-fields.ts';
import { parseContext } from './parse-context.ts';

/** AuthZEN lets properties be left out. They are then empty, in the digest too, so both spellings are one action. */
const propertiesOf = (object: JsonObject, field: string): JsonObject => {
  const properties = memberOf(object, 'properties');
  return properties === undefined ? {} : objectAt(properties, `${field}.properties`);
};

const parseName = (value: Json | undefined): ActionName => {
  const action = objectAt(value, 'action');
  refuseUnknownMembers(action, ['name', 'properties'], 'action');
  return {
    name: stringAt(memberOf(action, 'name'), 'action.name'),
    properties: propertiesOf(action, 'action'),
  };
};

const parseEntityWithProperties = (value: Json | undefined, field: string): Resource => {
  const entity = objectAt(value, field);
  refuseUnknownMembers(entity, ['type', 'id', 'properties'], field);
  return {
    type: stringAt(memberOf(entity, 'type'), `${field}.type`),
    id: stringAt(memberOf(entity, 'id'), `${field}.id`),
    properties: propertiesOf(entity, field),
  };
};

const parseSubject = (value: Json | undefined): Subject => {
  const { type, id, properties } = parseEntityWithProperties(value, 'subject');
  const initiator = memberOf(properties, 'initiator');
  if (initiator === undefined) return { type, id, properties };
  return {
    type,
    id,
    properties: { ...properties, initiator: stringAt(initiator, 'subject.properties.initiator') },
  };
};

const parseParts = (body: JsonObject): ActionBody => ({
  action: parseName(memberOf(body, 'action')),
  resource: parseEntityWithProperties(memberOf(body, 'resource'), 'resource'),
  context: parseContext(memberOf(body, 'context')),
});

/**
 * A request's body. `unknown_field` for members that aren't known (in `context` and `properties` any are),
 * `invalid_field` for missing ones and wrong types, both with the field.
 */
export const parseActionBody = (json: Json): ActionBody => {
  if (!isJsonObject(json)) throw invalidField('body', 'an object with action, resource and context');
  if (Object.hasOwn(json, 'subject')) {
    throw new CodedError('unknown_field', 'The subject comes from your token alone; leave it out.', {
      field: 'subject',
    });
  }
  refuseUnknownMembers(json, ['action', 'resource', 'context'], '');
  return parseParts(json);
};

/** A whole action, subject included, as a redeemed or recorded one is. Codes as {@link parseActionBody}. */
export const parsePrivilegedAction = (json: Json): PrivilegedAction => {
  const parts = objectAt(json, 'body');
  refuseUnknownMembers(parts, ['subject', 'action', 'resource', 'context'], '');
  return { subject: parseSubject(memberOf(parts, 'subject')), ...parseParts(parts) };
};

import type { EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { PrivilegedAction } from '@countersign/domain-action';
import { groupsOf, ownerOf, type DirectoryIndex, type Owner } from '@countersign/domain-directory';
import { formatEntity, isJsonObject, type EntityRef, type JsonObject } from '@countersign/kernel';
import type { DeclaredAction, DeclaredEntity, DeclaredMembers, DeclaredSchema } from './declared-schema.ts';
import { CedarConversion, toCedarEntity, type CedarRecord, type Mismatch } from './to-cedar-value.ts';

export type CedarCall = Pick<
  StatefulAuthorizationCall,
  'principal' | 'action' | 'resource' | 'context' | 'entities'
>;

export type MappedRequest =
  | { readonly kind: 'call'; readonly call: CedarCall; readonly action: DeclaredAction }
  /** The schema or the directory doesn't know a part of it, so no permit can speak of it. */
  | { readonly kind: 'undeclared'; readonly detail: string }
  | { readonly kind: 'mismatch'; readonly mismatches: readonly Mismatch[] };

export interface MappingRules {
  readonly schema: DeclaredSchema;
  readonly directory: DirectoryIndex;
  readonly trustedAttributes: ReadonlySet<string>;
}

/** Attributes of a requester that the directory gives, and no token. */
export const DIRECTORY_ATTRIBUTES: ReadonlySet<string> = new Set(['owner', 'ownerGroup']);

const split = (
  members: DeclaredMembers,
  apart: ReadonlySet<string>,
): { readonly rest: DeclaredMembers; readonly taken: DeclaredMembers } => {
  const entries = [...members];
  return {
    rest: new Map(entries.filter(([name]) => !apart.has(name))),
    taken: new Map(entries.filter(([name]) => apart.has(name))),
  };
};

const ownerAttribute = (owner: Owner, members: DeclaredMembers): CedarRecord => {
  const name = owner.type === 'User' ? 'owner' : 'ownerGroup';
  return members.has(name) ? { [name]: toCedarEntity(owner) } : {};
};

/** The initiator stands in the subject as a directory id; policies may want it as the person's entity. */
const subjectClaims = (members: DeclaredMembers, properties: JsonObject): JsonObject => {
  const declared = members.get('initiator')?.type;
  const { initiator } = properties;
  return declared?.kind === 'Entity' && typeof initiator === 'string'
    ? { ...properties, initiator: { type: 'User', id: initiator } }
    : properties;
};

/** The declared members of one entity, trusted and claimed ones each from their own source. */
class RequestMapping {
  readonly #rules: MappingRules;
  readonly #conversion = new CedarConversion();

  constructor(rules: MappingRules) {
    this.#rules = rules;
  }

  get mismatches(): readonly Mismatch[] {
    return this.#conversion.mismatches;
  }

  principal({ members }: DeclaredEntity, subject: PrivilegedAction['subject'], owner: Owner): EntityJson {
    const { rest } = split(members, DIRECTORY_ATTRIBUTES);
    const claims = subjectClaims(rest, subject.properties);
    return this.#entity(subject, {
      ...this.#conversion.record(rest, claims, 'subject.properties'),
      ...ownerAttribute(owner, members),
    });
  }

  resource(
    { members }: DeclaredEntity,
    resource: PrivilegedAction['resource'],
    catalogue: JsonObject,
  ): EntityJson {
    const { rest, taken } = split(members, this.#rules.trustedAttributes);
    return this.#entity(resource, {
      ...this.#conversion.record(rest, resource.properties, 'resource.properties'),
      ...this.#conversion.record(taken, catalogue, 'catalogue'),
    });
  }

  context(members: DeclaredMembers, { action, context }: PrivilegedAction): CedarRecord {
    const { rest, taken } = split(members, new Set(['action']));
    const properties = taken.get('action');
    const record = this.#conversion.record(rest, context, 'context');
    if (properties === undefined) return record;
    const converted = this.#conversion.value(properties.type, action.properties, 'action.properties');
    return converted === undefined ? record : { ...record, action: converted };
  }

  /** A person with their groups, so that a policy can ask `principal.initiator in Group::"platform"`. */
  person(id: string): EntityJson {
    return this.#entity({ type: 'User', id }, {});
  }

  #entity({ type, id }: EntityRef, attrs: CedarRecord): EntityJson {
    const { schema, directory } = this.#rules;
    const inGroups = type === 'User' && schema.entities.get('User')?.parentTypes.has('Group') === true;
    const parents = inGroups ? groupsOf(directory, id).map((group) => ({ type: 'Group', id: group })) : [];
    return { uid: { type, id }, attrs, parents };
  }
}

/** Persons that the principal's attributes name. */
const namedPersons = ({ attrs }: EntityJson): readonly string[] =>
  ['owner', 'initiator'].flatMap((name) => {
    const value = attrs[name];
    if (!isJsonObject(value) || !isJsonObject(value['__entity'])) return [];
    const { type, id } = value['__entity'];
    return type === 'User' && typeof id === 'string' ? [id] : [];
  });

const undeclared = (detail: string): MappedRequest => ({ kind: 'undeclared', detail });

const withoutDoubles = (entities: readonly EntityJson[]): EntityJson[] => [
  ...new Map(entities.map((entity) => [JSON.stringify(entity.uid), entity])).values(),
];

/**
 * A request in Cedar's words. What the schema doesn't declare stays out; of a resource, trusted
 * attributes come from the catalogue alone. Only the entities that this request names are sent along:
 * evaluation slows down with their number.
 */
export const mapRequest = (
  rules: MappingRules,
  request: PrivilegedAction,
  catalogue: JsonObject,
): MappedRequest => {
  const { subject, resource } = request;
  const action = rules.schema.actions.get(request.action.name);
  const principalType = rules.schema.entities.get(subject.type);
  const resourceType = rules.schema.entities.get(resource.type);
  const owner = ownerOf(rules.directory, subject);
  if (owner === undefined) return undeclared(`${formatEntity(subject)} isn't in the active directory.`);
  if (action === undefined) return undeclared(`The schema declares no action "${request.action.name}".`);
  if (resourceType === undefined)
    return undeclared(`The schema declares no resource type "${resource.type}".`);
  if (principalType === undefined || !action.principalTypes.has(subject.type)) {
    return undeclared(`The schema lets no ${subject.type} ask for ${action.name}.`);
  }
  if (!action.resourceTypes.has(resource.type)) {
    return undeclared(`The schema applies ${action.name} to no ${resource.type}.`);
  }
  const mapping = new RequestMapping(rules);
  const principal = mapping.principal(principalType, subject, owner);
  const call = {
    principal: principal.uid,
    action: { type: 'Action', id: action.name },
    resource: { type: resource.type, id: resource.id },
    context: mapping.context(action.context, request),
    entities: withoutDoubles([
      ...namedPersons(principal).map((id) => mapping.person(id)),
      principal,
      mapping.resource(resourceType, resource, catalogue),
    ]),
  };
  return mapping.mismatches.length === 0
    ? { kind: 'call', call, action }
    : { kind: 'mismatch', mismatches: mapping.mismatches };
};

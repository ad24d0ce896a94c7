import type { EntityRef } from '@countersign/kernel';
import type { ChannelIdentity, Directory, Identity, Owner, Person, Requester } from './directory.ts';

/** One directory, ready for look-ups by exact key. Built once per directory; never changes. */
export interface DirectoryIndex {
  readonly directory: Directory;
  readonly persons: ReadonlyMap<string, Person>;
  /** By {@link requesterKey}. */
  readonly requesters: ReadonlyMap<string, Requester>;
  /** By {@link identityKey}. */
  readonly bearers: ReadonlyMap<string, Person | Requester>;
  /** By {@link channelKey}. */
  readonly channelBearers: ReadonlyMap<string, Person>;
  readonly groupsByPerson: ReadonlyMap<string, readonly string[]>;
}

/** JSON keeps the parts apart whatever characters they hold. */
export const identityKey = ({ issuer, sub }: Identity): string => JSON.stringify([issuer, sub]);

export const channelKey = ({ channel, tenant, user }: ChannelIdentity): string =>
  JSON.stringify([channel, tenant, user]);

const requesterKey = ({ type, id }: EntityRef): string => JSON.stringify([type, id]);

const groupsByPerson = (groups: Directory['groups']): ReadonlyMap<string, readonly string[]> => {
  const byPerson = new Map<string, string[]>();
  for (const [group, members] of Object.entries(groups).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const person of new Set(members)) byPerson.set(person, [...(byPerson.get(person) ?? []), group]);
  }
  return byPerson;
};

const indexOf = (directory: Directory): DirectoryIndex => ({
  directory,
  persons: new Map(directory.persons.map((person) => [person.id, person])),
  requesters: new Map(directory.requesters.map((requester) => [requesterKey(requester), requester])),
  bearers: new Map(
    [...directory.persons, ...directory.requesters].flatMap((bearer) =>
      bearer.identities.map((identity) => [identityKey(identity), bearer] as const),
    ),
  ),
  channelBearers: new Map(
    directory.persons.flatMap((person) =>
      person.channels.map((identity) => [channelKey(identity), person] as const),
    ),
  ),
  groupsByPerson: groupsByPerson(directory.groups),
});

const indexes = new WeakMap<Directory, DirectoryIndex>();

/**
 * Cheap to call again: one index per directory, which never changes. The directory is taken as valid: an
 * identity has one bearer, ids are unique (the policy set's parser saw to it).
 */
export const indexDirectory = (directory: Directory): DirectoryIndex => {
  const known = indexes.get(directory);
  if (known !== undefined) return known;
  const index = indexOf(directory);
  indexes.set(directory, index);
  return index;
};

/** The groups a person is in now, sorted; empty for a stranger. */
export const groupsOf = (index: DirectoryIndex, person: string): readonly string[] =>
  index.groupsByPerson.get(person) ?? [];

/** Ids of a group's persons; empty for an unknown group. */
export const membersOf = (index: DirectoryIndex, group: string): readonly string[] =>
  Object.hasOwn(index.directory.groups, group) ? (index.directory.groups[group] ?? []) : [];

/** Whether a verified person has a role. A suspended person has none. */
export const hasRole = (index: DirectoryIndex, person: string, role: string): boolean =>
  index.persons.get(person)?.verified === true &&
  Object.hasOwn(index.directory.roles, role) &&
  (index.directory.roles[role] ?? []).includes(person);

export const requesterByRef = (index: DirectoryIndex, ref: EntityRef): Requester | undefined =>
  index.requesters.get(requesterKey(ref));

/** Whose a requester is; undefined for one the directory doesn't know. */
export const ownerOf = (index: DirectoryIndex, ref: EntityRef): Owner | undefined =>
  requesterByRef(index, ref)?.owner;

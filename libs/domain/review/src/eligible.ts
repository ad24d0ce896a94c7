import type { Directory, Owner, Requester } from '@countersign/domain-directory';
import { sameEntity, type EntityRef } from '@countersign/kernel';
import type { Candidate } from './quorum.ts';

/** Who can never decide a request, whatever groups they are in. */
export interface Interested {
  readonly owners: readonly (Owner | undefined)[];
  readonly initiator: string | undefined;
}

/** The owner as a person. A group that owns has no say of its own: its initiator is excluded instead. */
export const isOwnerPerson = (person: string, owners: Interested['owners']): boolean =>
  owners.some((owner) => owner?.type === 'User' && owner.id === person);

const isDisinterested = (person: string, { owners, initiator }: Interested): boolean =>
  person !== initiator && !isOwnerPerson(person, owners);

export const requesterIn = (directory: Directory, ref: EntityRef): Requester | undefined =>
  directory.requesters.find((requester) => sameEntity(requester, ref));

export const groupsIn = (directory: Directory, person: string): readonly string[] =>
  Object.entries(directory.groups)
    .filter(([, persons]) => persons.includes(person))
    .map(([group]) => group);

/** Of these persons the ones who may decide by the directory of this moment: known, verified, disinterested. */
export const eligibleAmong = (
  persons: readonly string[],
  directory: Directory,
  interested: Interested,
): readonly Candidate[] => {
  const verified = new Set(directory.persons.filter((person) => person.verified).map(({ id }) => id));
  return [...new Set(persons)]
    .filter((person) => verified.has(person) && isDisinterested(person, interested))
    .map((person) => ({ person, groups: groupsIn(directory, person) }));
};

/** Everybody in the groups who may decide. */
export const eligibleIn = (
  groups: readonly string[],
  directory: Directory,
  interested: Interested,
): readonly Candidate[] =>
  eligibleAmong(
    groups.flatMap((group) =>
      Object.hasOwn(directory.groups, group) ? (directory.groups[group] ?? []) : [],
    ),
    directory,
    interested,
  );

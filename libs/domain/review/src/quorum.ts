import type { Timestamp } from '@countersign/kernel';
import type { Requirement } from './review-events.ts';

/** A person, however many accounts, and the groups that count for the seats. */
export interface Candidate {
  readonly person: string;
  readonly groups: readonly string[];
}

/** One place to be filled by one person. */
interface Seat {
  /** The requirement's group: what a vacancy is called. */
  readonly group: string;
  readonly admits: ReadonlySet<string>;
}

export interface Seating {
  readonly isFilled: boolean;
  /** Persons who hold a seat, in the candidates' order. */
  readonly seated: readonly string[];
  /** Groups that still lack somebody, each once. */
  readonly vacant: readonly string[];
}

const seatsOf = (requirement: Requirement, alternatives: readonly string[]): Seat[] => {
  const seat = { group: requirement.group, admits: new Set([requirement.group, ...alternatives]) };
  // A group that is named at all has a seat, whatever a broken set may say.
  return Array.from({ length: Math.max(1, requirement.quorum) }, () => seat);
};

const perPerson = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const groupsOf = new Map<string, readonly string[]>();
  for (const { person, groups } of candidates)
    groupsOf.set(person, [...(groupsOf.get(person) ?? []), ...groups]);
  return [...groupsOf].map(([person, groups]) => ({ person, groups }));
};

/**
 * Maximum bipartite matching (Kuhn): each seat one person, each person one seat. Someone in two groups
 * gives way to a seat that only they can fill.
 */
const assign = (seats: readonly Seat[], candidates: readonly Candidate[]): Seating => {
  const persons = perPerson(candidates);
  const seatOf = new Map<string, number>();
  const fill = (index: number, asked: Set<string>): boolean => {
    for (const { person, groups } of persons) {
      if (asked.has(person) || !groups.some((group) => seats[index]?.admits.has(group))) continue;
      asked.add(person);
      const held = seatOf.get(person);
      if (held !== undefined && !fill(held, asked)) continue;
      seatOf.set(person, index);
      return true;
    }
    return false;
  };
  const vacant = seats.filter((_, index) => !fill(index, new Set())).map(({ group }) => group);
  const seated = persons.map(({ person }) => person).filter((person) => seatOf.has(person));
  return { isFilled: vacant.length === 0, seated, vacant: [...new Set(vacant)] };
};

export const isEscalated = ({ escalation }: Requirement, escalatedAt: Timestamp | undefined): boolean =>
  escalation !== undefined && escalatedAt !== undefined && escalation.after <= escalatedAt;

/** Groups whose persons may take the requirement's seats, given the review's latest escalation. */
export const admittedGroups = (
  requirement: Requirement,
  escalatedAt: Timestamp | undefined,
): readonly string[] =>
  isEscalated(requirement, escalatedAt)
    ? [requirement.group, ...(requirement.escalation?.to ?? [])]
    : [requirement.group];

/** Seats the candidates as things stand: alternatives count only where the requirement is escalated. */
export const seatCandidates = (
  requirements: readonly Requirement[],
  candidates: readonly Candidate[],
  escalatedAt: Timestamp | undefined,
): Seating =>
  assign(
    requirements.flatMap((requirement) => seatsOf(requirement, admittedGroups(requirement, escalatedAt))),
    candidates,
  );

/** Whether the candidates could ever do: alternatives count, as if everything were escalated. */
export const canBeFilled = (
  requirements: readonly Requirement[],
  candidates: readonly Candidate[],
): Seating =>
  assign(
    requirements.flatMap((requirement) => seatsOf(requirement, requirement.escalation?.to ?? [])),
    candidates,
  );

import type { EntityRef } from '@countersign/kernel';

export const PRINCIPAL_KINDS = ['User', 'Agent', 'Pipeline', 'Service'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];
/** Kinds that may ask. A `User` decides and never asks. */
export type RequesterKind = Exclude<PrincipalKind, 'User'>;

/** Exact `(iss, sub)` of a token; compared byte for byte. */
export interface Identity {
  readonly issuer: string;
  readonly sub: string;
}

/** A chat account: `(workspace or tenant, user id)`, never an e-mail address. */
export interface ChannelIdentity {
  readonly channel: 'slack' | 'teams';
  readonly tenant: string;
  readonly user: string;
}

/** One human, however many accounts. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** False: suspended; may read nothing and decide nothing. */
  readonly verified: boolean;
  readonly identities: readonly Identity[];
  readonly channels: readonly ChannelIdentity[];
}

/** Whose an automaton is: one person, or a group (then every request must name its initiator). */
export interface Owner {
  readonly type: 'User' | 'Group';
  readonly id: string;
}

export interface Requester {
  readonly type: RequesterKind;
  readonly id: string;
  readonly owner: Owner;
  readonly identities: readonly Identity[];
}

/** Persons, groups, requesters and roles of one policy set. Ids are unique; an identity has one bearer. */
export interface Directory {
  readonly persons: readonly Person[];
  /** Group name → ids of its persons. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly requesters: readonly Requester[];
  /** Role name (`auditors`) → ids of its persons. A role reads; no role decides. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

/** Who stands behind a verified token or click. */
export type Principal = PersonPrincipal | RequesterPrincipal;

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly ref: EntityRef & { readonly type: 'User' };
  readonly verified: boolean;
}

export interface RequesterPrincipal {
  readonly kind: 'requester';
  readonly ref: EntityRef & { readonly type: RequesterKind };
  readonly owner: Owner;
  /** The person a verified claim names as acting through this requester. */
  readonly initiator?: string;
}

import type {
  ChannelIdentity,
  Identity,
  Person,
  PersonPrincipal,
  Principal,
  Requester,
  RequesterPrincipal,
} from './directory.ts';
import { channelKey, identityKey, type DirectoryIndex } from './directory-index.ts';

/** Why a verified token names nobody who may act. */
export type ResolutionRefusal =
  /** No bearer of exactly this `(iss, sub)`. */
  | 'unknown_principal'
  /** A person's token that names an actor: somebody else is acting, so it proves no person. */
  | 'delegated_person'
  /** The initiator claim names no person; ignoring it would open a way to self-approval. */
  | 'unknown_initiator'
  /** The initiator is suspended. */
  | 'initiator_not_verified';

export type Resolution =
  | { readonly kind: 'resolved'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly refusal: ResolutionRefusal };

const refuse = (refusal: ResolutionRefusal): Resolution => ({ kind: 'refused', refusal });

const isPerson = (bearer: Person | Requester): bearer is Person => 'verified' in bearer;

const asPrincipal = ({ id, verified }: Person): PersonPrincipal => ({
  kind: 'person',
  ref: { type: 'User', id },
  verified,
});

const resolveRequester = (
  index: DirectoryIndex,
  { type, id, owner }: Requester,
  initiator: Identity | undefined,
): Resolution => {
  const principal = { kind: 'requester', ref: { type, id }, owner } as const;
  if (initiator === undefined) return { kind: 'resolved', principal };
  const person = index.bearers.get(identityKey(initiator));
  if (person === undefined || !isPerson(person)) return refuse('unknown_initiator');
  if (!person.verified) return refuse('initiator_not_verified');
  return { kind: 'resolved', principal: { ...principal, initiator: person.id } };
};

/**
 * Who stands behind a verified token: looked up by exact `(iss, sub)`, byte for byte. `initiator` is the
 * identity in the token's actor claim (RFC 8693 §4.1). A suspended person resolves as `verified: false`,
 * so that a refusal can name them.
 */
export const resolvePrincipal = (
  index: DirectoryIndex,
  identity: Identity,
  initiator?: Identity,
): Resolution => {
  const bearer = index.bearers.get(identityKey(identity));
  if (bearer === undefined) return refuse('unknown_principal');
  if (!isPerson(bearer)) return resolveRequester(index, bearer, initiator);
  return initiator === undefined
    ? { kind: 'resolved', principal: asPrincipal(bearer) }
    : refuse('delegated_person');
};

/**
 * Whether a requester may not ask yet: owned by a group, so nobody is kept from approving their own
 * request unless the token names its initiator. It may still redeem as somebody else's executor.
 */
export const lacksInitiator = ({ owner, initiator }: RequesterPrincipal): boolean =>
  owner.type === 'Group' && initiator === undefined;

/** The person behind a chat account, by exact `(channel, tenant, user)`. */
export const resolveChannelIdentity = (
  index: DirectoryIndex,
  identity: ChannelIdentity,
): PersonPrincipal | undefined => {
  const person = index.channelBearers.get(channelKey(identity));
  return person === undefined ? undefined : asPrincipal(person);
};

import {
  groupsOf,
  resolveChannelIdentity,
  type DirectoryIndex,
  type Principal,
} from '@countersign/domain-directory';
import type { ShownCard } from '@countersign/contracts';
import type { Approver, DecisionVia } from '@countersign/domain-review';
import type { ChannelIdentity } from '@countersign/bus';
import type { Actor } from '@countersign/event-store';
import { CodedError } from '@countersign/kernel';
import { actorOf, type Caller } from '@countersign/service-host';

/** Who asks for a decision to be recorded, and through what; proven before. */
export interface Decider {
  readonly principal: Principal;
  readonly via: DecisionVia;
  readonly actor: Actor;
}

/** A bearer of an identity token, whatever carried the call. */
export const deciderByToken = (caller: Caller): Decider => {
  const { issuer, sub } = caller.via;
  return {
    principal: caller.principal,
    via: {
      channel: 'api',
      ...(issuer === undefined ? {} : { issuer }),
      ...(sub === undefined ? {} : { sub }),
    },
    actor: actorOf(caller),
  };
};

/** The person behind a click; `unknown_principal` where the directory links the chat account to nobody. */
export const deciderByChannel = (
  directory: DirectoryIndex,
  { kind, tenant, user }: ChannelIdentity,
  shown: ShownCard | undefined,
): Decider => {
  const principal = resolveChannelIdentity(directory, { channel: kind, tenant, user });
  if (principal === undefined) {
    throw new CodedError('unknown_principal', `This ${kind} account belongs to no person of the directory.`);
  }
  return {
    principal,
    via: { channel: kind, tenant, user, ...shown },
    actor: { type: principal.ref.type, id: principal.ref.id, via: { channel: kind } },
  };
};

/** By the directory of this moment, whatever it said when the token was made. */
export const approverOf = ({ principal }: Decider, directory: DirectoryIndex): Approver => ({
  kind: principal.ref.type,
  id: principal.ref.id,
  verified: directory.persons.get(principal.ref.id)?.verified === true,
  groups: principal.kind === 'person' ? groupsOf(directory, principal.ref.id) : [],
});

export {
  PRINCIPAL_KINDS,
  type ChannelIdentity,
  type Directory,
  type Identity,
  type Owner,
  type Person,
  type PersonPrincipal,
  type Principal,
  type PrincipalKind,
  type Requester,
  type RequesterKind,
  type RequesterPrincipal,
} from './directory.ts';
export {
  groupsOf,
  hasRole,
  indexDirectory,
  membersOf,
  ownerOf,
  requesterByRef,
  type DirectoryIndex,
} from './directory-index.ts';
export {
  lacksInitiator,
  resolveChannelIdentity,
  resolvePrincipal,
  type Resolution,
  type ResolutionRefusal,
} from './resolve-principal.ts';

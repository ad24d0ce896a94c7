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

import { CodedError } from '@countersign/kernel';

export type AuthenticationErrorCode =
  | 'unauthenticated'
  | 'token_invalid'
  | 'token_expired'
  | 'unknown_principal'
  | 'kind_not_allowed'
  | 'initiator_required'
  | 'unknown_initiator'
  | 'initiator_not_verified'
  | 'delegated_person'
  | 'no_policy_set'
  | 'issuer_unavailable';

const MESSAGES: Record<AuthenticationErrorCode, string> = {
  unauthenticated: 'Send a bearer token in the Authorization header.',
  token_invalid: 'The token is not one this service accepts as an identity; get a new one from your issuer.',
  token_expired: 'The token has expired; get a new one from your issuer.',
  unknown_principal: 'The token is genuine, but its principal is not in the active directory.',
  kind_not_allowed: 'The issuer of this token may not speak for principals of this kind.',
  initiator_required:
    'This requester is owned by a group, so its token must name the person who acts through it (RFC 8693 act).',
  unknown_initiator: 'The person whom the token names as initiator is not in the active directory.',
  initiator_not_verified: 'The person whom the token names as initiator is suspended.',
  delegated_person: "A person's token that names somebody else as acting proves no person; sign in yourself.",
  no_policy_set:
    'No policy set is active, so nobody is known; activate one with `countersign policy activate`.',
  issuer_unavailable: "The issuer's keys can't be fetched right now; try again.",
};

/** Messages are constant: they tell whoever holds a bad token nothing about keys, claims or principals. */
export class AuthenticationError extends CodedError<AuthenticationErrorCode> {
  override readonly name = 'AuthenticationError';

  constructor(code: AuthenticationErrorCode, cause?: unknown) {
    super(code, MESSAGES[code], { cause });
  }
}

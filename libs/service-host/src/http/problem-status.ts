/**
 * The one place where an error's code becomes a status of HTTP. A code that isn't here is a bug of ours
 * and answers as 500 `internal_error`, telling nothing.
 */
export const PROBLEM_STATUS = {
  malformed_json: 400,
  duplicate_key: 400,
  forbidden_key: 400,
  lone_surrogate: 400,
  nesting_too_deep: 400,
  non_finite_number: 400,
  unsafe_integer: 400,
  invalid_field: 400,
  unknown_field: 400,
  invalid_cursor: 400,
  bad_request: 400,

  unauthenticated: 401,
  token_invalid: 401,
  token_expired: 401,
  unknown_principal: 401,
  kind_not_allowed: 401,
  proof_invalid: 401,
  proof_expired: 401,
  proof_replayed: 401,
  proof_mismatch: 401,

  forbidden: 403,
  initiator_required: 403,
  unknown_initiator: 403,
  initiator_not_verified: 403,
  delegated_person: 403,
  not_verified: 403,
  not_a_requester: 403,
  not_human: 403,
  self_approval: 403,
  not_eligible: 403,
  not_auditor: 403,
  wrong_executor: 403,

  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,

  idempotency_conflict: 409,
  digest_mismatch: 409,
  already_decided: 409,
  review_closed: 409,
  not_approved: 409,
  approval_not_proven: 409,
  record_not_trusted: 409,
  not_cancellable: 409,
  already_redeemed: 409,
  already_reported: 409,
  not_redeemed: 409,
  policy_set_changed: 409,

  grant_revoked: 410,
  grant_expired: 410,

  too_large: 413,
  event_too_large: 413,
  unsupported_media_type: 415,
  property_conflict: 422,
  invalid_policy_set: 422,

  too_many_calls: 429,
  too_many_requests: 429,
  too_many_open_requests: 429,
  too_many_open_bytes: 429,

  headers_too_large: 431,

  internal_error: 500,

  overloaded: 503,
  no_policy_set: 503,
  issuer_unavailable: 503,
  bus_unavailable: 503,
  proof_overload: 503,
  deadline_exceeded: 503,
  append_uncertain: 503,
  store_full: 503,
  store_unavailable: 503,
  store_closed: 503,
  too_much_contention: 503,
  policy_unavailable: 503,
  channel_unavailable: 503,
  projection_unavailable: 503,
  policy_unreachable: 503,
  clock_skewed: 503,
  shutting_down: 503,
} as const satisfies Record<string, number>;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** Where one code means another status on one route (`METHOD /path`), as DESIGN §7's table says. */
const ROUTE_STATUS: Readonly<Record<string, Partial<Record<ProblemCode, number>>>> = {
  'POST /v1/grants/redemptions': { digest_mismatch: 403 },
};

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEM_STATUS, code);

export const problemStatus = (code: ProblemCode, route?: string): number =>
  (route === undefined ? undefined : ROUTE_STATUS[route]?.[code]) ?? PROBLEM_STATUS[code];

import { isCountersignError } from '@countersign/client';
import type { RequestStatus } from '@countersign/domain-thread';
import { CodedError } from '@countersign/kernel';

/** Stable: scripts rely on them. The README and `--help` print this table. */
export const EXIT_CODES = [
  [0, 'ok'],
  [1, 'unexpected: a fault of ours, or an answer that is not Countersign’s'],
  [2, 'usage: a wrong option, a missing token, an action that can’t be expressed'],
  [3, 'the policy set is invalid, or its tests failed'],
  [4, 'the rebuilt audit projection differs from the live one'],
  [5, 'store: the file is cut or damaged, or a signature in the log doesn’t hold'],
  [10, 'denied'],
  [11, 'expired, or undeliverable'],
  [12, 'cancelled, by you, by the owner, or because --timeout passed'],
  [13, 'the approval was revoked, or expired unused'],
  [14, 'Countersign can’t be reached'],
  [15, 'what was bound has changed since it was asked for'],
  [16, 'refused: not allowed, or in conflict with what already stands'],
  [17, 'not found, or not yours to read'],
  [18, 'watch: the action ran and failed, or its outcome was never reported'],
  [19, 'too many: a cap of yours is reached; try again when the message says'],
  [126, 'run: the approved command could not be started'],
  [127, 'run: there is no such command; nothing was asked for'],
] as const;
export type ExitCode = (typeof EXIT_CODES)[number][0];

/** Where a settled request leaves whoever waits for it. */
export const EXIT_CODE_OF_STATUS: Readonly<Record<RequestStatus, ExitCode>> = {
  received: 0,
  pending: 0,
  approved: 0,
  redeemed: 0,
  succeeded: 0,
  denied: 10,
  expired: 11,
  undeliverable: 11,
  cancelled: 12,
  revoked: 13,
  grant_expired: 13,
  failed: 18,
  unreported: 18,
};

const EXIT_CODE_OF_ERROR: Readonly<Record<string, ExitCode>> = {
  usage: 2,
  no_token: 2,
  no_development_issuer: 2,
  invalid_base_url: 2,
  invalid_token: 2,
  invalid_duration: 2,
  invalid_entity: 2,
  policy_folder_unreadable: 2,
  invalid_policy_set: 3,
  policy_set_invalid: 3,
  policy_tests_failed: 3,
  rebuild_differs: 4,
  archive_cut: 5,
  archive_malformed: 5,
  archive_digest_mismatch: 5,
  archive_version_unknown: 5,
  malformed_event: 5,
  malformed_stream: 5,
  event_too_large: 5,
  signature_invalid: 5,
  store_corrupt: 5,
  store_not_empty: 16,
  store_locked: 16,
  import_differs: 16,
  invalid_event_store_address: 2,
  store_unavailable: 14,
  append_uncertain: 14,
  denied: 10,
  expired: 11,
  undeliverable: 11,
  cancelled: 12,
  wait_timeout: 12,
  aborted: 12,
  interrupted: 12,
  revoked: 13,
  grant_revoked: 13,
  grant_expired: 13,
  unreachable: 14,
  binding_changed: 15,
  already_redeemed: 16,
  digest_mismatch: 16,
  invalid_response: 1,
  command_not_started: 126,
  command_not_found: 127,
};

/** What freezing an action refuses before anything is sent is a mistake in the call. */
const LOCAL_REFUSALS: ReadonlySet<string> = new Set([
  'invalid_field',
  'unknown_field',
  'duplicate_key',
  'forbidden_key',
  'lone_surrogate',
  'malformed_json',
  'nesting_too_deep',
  'non_finite_number',
  'not_canonicalizable',
  'too_large',
  'unsafe_integer',
]);

const isCoded = (error: unknown): error is CodedError => error instanceof CodedError;

const exitCodeOfHttpStatus = (status: number | undefined): ExitCode => {
  if (status === 404) return 17;
  if (status === 410) return 13;
  if (status === 429) return 19;
  return status !== undefined && status >= 400 && status < 500 ? 16 : 1;
};

/** A guard's `refused` and `execution_failed` only say where; the cause says what. */
const rootOf = (error: unknown): unknown =>
  isCoded(error) && (error.code === 'refused' || error.code === 'execution_failed') && isCoded(error.cause)
    ? rootOf(error.cause)
    : error;

export const exitCodeOf = (error: unknown): ExitCode => {
  const root = rootOf(error);
  if (!isCoded(root)) return 1;
  const known = EXIT_CODE_OF_ERROR[root.code];
  if (known !== undefined) return known;
  if (isCountersignError(root)) return exitCodeOfHttpStatus(root.status);
  return LOCAL_REFUSALS.has(root.code) ? 2 : 1;
};

export const exitCodeTable = (): string =>
  EXIT_CODES.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n');

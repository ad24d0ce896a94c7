import { CodedError } from '@countersign/kernel';

const CODES: ReadonlySet<string> = new Set([
  'signature_invalid',
  'unknown_event_type',
  'unknown_event_version',
  'impossible_event',
  'malformed_request_event',
]);

/** Whether an error means that a stream holds what no service of ours writes, or what this build can't know. */
export const isUntrustedRecord = (error: unknown): error is CodedError =>
  error instanceof CodedError && CODES.has(String(error.code));

import type { Problem } from '@countersign/contracts';
import { CodedError } from '@countersign/kernel';

interface CountersignErrorOptions {
  readonly field?: string | undefined;
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterS?: number | undefined;
}

/**
 * Every failure of this lib. `code` is the problem's code where the server answered with one, else
 * - `unreachable`: no answer, or only 502, 503 and 504, until the call's deadline. (A 429 keeps its code, such as
 *   `too_many_open_requests`: Countersign is there, and the caller at a cap of its own.);
 * - `aborted`: the caller's signal, before the call was answered;
 * - `wait_timeout`: the request didn't settle in the time that the caller gave it;
 * - `invalid_response`: what answered isn't Countersign, or is of another version.
 */
export class CountersignError<Code extends string = string> extends CodedError<Code> {
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  /** RFC 9457 problem details, whole, where the server sent them. */
  readonly problem: Problem | undefined;
  readonly requestId: string | undefined;

  constructor(code: Code, message: string, options: CountersignErrorOptions = {}) {
    super(code, message, options);
    this.name = 'CountersignError';
    this.status = options.status;
    this.problem = options.problem;
    this.requestId = options.requestId;
  }
}

export const isCountersignError = (error: unknown): error is CountersignError =>
  error instanceof CountersignError;

import type { JsonObject } from './json.ts';

export interface CodedErrorOptions {
  readonly field?: string | undefined;
  readonly cause?: unknown;
  readonly members?: JsonObject | undefined;
  readonly retryAfterS?: number | undefined;
}

/**
 * The one base of every error that crosses a lib's door. `code` is stable and is what callers, tests and
 * problem documents compare; `message` is a sentence for people that says what to do.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  /** JSON Pointer-like name of the offending part (`action.name`, `COUNTERSIGN_PORT`, `prod.cedar:12`). */
  readonly field: string | undefined;
  /** What the problem document says besides (RFC 9457 §3.2), such as a precise `reason`. Never a secret. */
  readonly members: JsonObject | undefined;
  /** Whole seconds after which the same call may fare better; undefined where time alone changes nothing. */
  readonly retryAfterS: number | undefined;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.field = options.field;
    this.members = options.members;
    this.retryAfterS = options.retryAfterS;
  }
}

/** The code of a {@link CodedError}; undefined for any other thing that was thrown. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof CodedError ? (error.code as string) : undefined;

export const hasCode = <Code extends string>(error: unknown, code: Code): error is CodedError<Code> =>
  error instanceof CodedError && error.code === code;

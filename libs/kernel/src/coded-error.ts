/**
 * The one base of every error that crosses a lib's door. `code` is stable and is what callers, tests and
 * problem documents compare; `message` is a sentence for people that says what to do.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  /** JSON Pointer-like name of the offending part (`action.name`, `COUNTERSIGN_PORT`, `prod.cedar:12`). */
  readonly field: string | undefined;

  constructor(code: Code, message: string, options: { field?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.field = options.field;
  }
}

export const hasCode = <Code extends string>(error: unknown, code: Code): error is CodedError<Code> =>
  error instanceof CodedError && error.code === code;

import { CodedError } from '@countersign/kernel';

export type CliErrorCode =
  | 'usage'
  | 'no_token'
  | 'no_development_issuer'
  | 'binding_changed'
  | 'interrupted'
  | 'command_not_found'
  | 'command_not_started'
  | 'rebuild_differs'
  | 'invalid_policy_set'
  | 'policy_tests_failed';

export class CliError extends CodedError<CliErrorCode> {
  constructor(code: CliErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(code, message, options);
    this.name = 'CliError';
  }
}

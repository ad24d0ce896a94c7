import { CodedError } from '@countersign/kernel';

/** A setting that can't be used. `field` is the variable (or file) to change; the process exits with 78. */
export class ConfigError extends CodedError<'invalid_config'> {
  override readonly name = 'ConfigError';

  constructor(variable: string, message: string, cause?: unknown) {
    super('invalid_config', `${variable}: ${message}`, { field: variable, cause });
  }
}

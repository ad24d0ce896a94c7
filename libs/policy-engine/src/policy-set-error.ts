import { CodedError } from '@countersign/kernel';
import type { Diagnostic } from './policy-engine.ts';

/** `prod.cedar:12: code: message`, the way editors link it. */
export const formatDiagnostic = ({ file, line, code, message }: Diagnostic): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${code}: ${message}`;

/** A refused policy set: everything that was found, by file and line. */
export class PolicySetError extends CodedError<'invalid_policy_set'> {
  override readonly name = 'PolicySetError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const [first] = diagnostics;
    super('invalid_policy_set', diagnostics.map(formatDiagnostic).join('\n'), {
      field: first?.file,
      members: { diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic })) },
    });
    this.diagnostics = diagnostics;
  }
}

import { join } from 'node:path';
import { visible } from '@countersign/kernel';
import { CedarPolicyEngine } from '@countersign/policy-cedar';
import {
  formatDiagnostic,
  parsePolicySet,
  PolicySetError,
  readPolicyFolder,
  runPolicyTests,
  type Diagnostic,
  type PolicyFile,
  type PolicyTestReport,
} from '@countersign/policy-engine';
import { CliError } from '../cli-error.ts';

export type CheckedSet =
  | {
      readonly valid: true;
      readonly digest: string;
      readonly files: readonly PolicyFile[];
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly valid: false; readonly diagnostics: readonly Diagnostic[] };

/** `folder/prod.cedar:12: code: message`, so that editors and terminals can jump there. */
export const diagnosticLines = (folder: string, diagnostics: readonly Diagnostic[]): string =>
  diagnostics
    .map(
      (diagnostic) =>
        `${visible(formatDiagnostic({ ...diagnostic, file: join(folder, diagnostic.file) }))}\n`,
    )
    .join('');

/** Reads the folder as the server would; everything that it would refuse is a diagnostic. */
export const checkFolder = async (folder: string): Promise<CheckedSet> => {
  try {
    const set = parsePolicySet(await readPolicyFolder(folder));
    const { warnings } = new CedarPolicyEngine().load(set);
    return { valid: true, digest: set.digest, files: set.files, warnings };
  } catch (error) {
    if (error instanceof PolicySetError) return { valid: false, diagnostics: error.diagnostics };
    throw error;
  }
};

const invalidSet = (folder: string, diagnostics: readonly Diagnostic[]): CliError =>
  new CliError(
    'invalid_policy_set',
    `${folder} is no valid policy set.\n${diagnosticLines(folder, diagnostics).trimEnd()}`,
  );

export const requireValid = (folder: string, checked: CheckedSet): CheckedSet & { readonly valid: true } => {
  if (checked.valid) return checked;
  throw invalidSet(folder, checked.diagnostics);
};

export const testFolder = async (folder: string): Promise<PolicyTestReport> => {
  try {
    return await runPolicyTests(folder, new CedarPolicyEngine());
  } catch (error) {
    throw error instanceof PolicySetError ? invalidSet(folder, error.diagnostics) : error;
  }
};

export const resultLines = (folder: string, { results, warnings }: PolicyTestReport): string => {
  const failed = results.filter(({ passed }) => !passed);
  const lines = failed.map(
    ({ file, line, name, diff = '' }) => `${visible(`${join(folder, file)}:${line}: ${name}: ${diff}`)}\n`,
  );
  const count = `${results.length - failed.length} passed, ${failed.length} failed\n`;
  return `${diagnosticLines(folder, warnings)}${lines.join('')}${count}`;
};

export const requireAllPassed = ({ results }: PolicyTestReport): void => {
  const failed = results.filter(({ passed }) => !passed).length;
  if (failed > 0)
    throw new CliError('policy_tests_failed', `${failed} of ${results.length} policy tests failed.`);
};

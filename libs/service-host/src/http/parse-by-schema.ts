import { CodedError } from '@countersign/kernel';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const pathOf = (path: readonly PropertyKey[], member?: string): string =>
  [...path, ...(member === undefined ? [] : [member])].map(String).join('.');

const unknownField = (issue: Issue): string | undefined =>
  issue.code === 'unrecognized_keys' ? pathOf(issue.path, issue.keys[0]) : undefined;

/**
 * The first thing wrong, as a `CodedError` naming its field: `unknown_field` or `invalid_field`. What was
 * sent is not repeated: it may be a secret.
 */
export const parseBySchema = <Output>(schema: z.ZodType<Output>, value: unknown): Output => {
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new CodedError('invalid_field', 'The value is not what is expected here.');
  const unknown = unknownField(issue);
  if (unknown !== undefined) {
    throw new CodedError('unknown_field', `"${unknown}" is not known here; leave it out.`, {
      field: unknown,
    });
  }
  const field = pathOf(issue.path);
  throw new CodedError('invalid_field', `"${field}": ${issue.message}`, {
    field: field === '' ? undefined : field,
  });
};

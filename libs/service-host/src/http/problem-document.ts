import { STATUS_CODES } from 'node:http';
import type { Problem } from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
import type { ProblemCode } from './problem-status.ts';

const RETRY_AFTER_S = 1;

/** What may be told of an error. */
export interface Finding {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly members?: JsonObject | undefined;
  readonly retryAfterS?: number | undefined;
}

const challenge = (code: ProblemCode): string =>
  code === 'unauthenticated'
    ? 'Bearer realm="countersign"'
    : `Bearer realm="countersign", error="invalid_token", error_description="${code}"`;

/** `Retry-After` (RFC 9110 §10.2.3): with every 503, and where the error itself knows when. */
export const problemHeaders = (
  { code, retryAfterS }: Pick<Finding, 'code' | 'retryAfterS'>,
  status: number,
): Record<string, string> => {
  const waitS = retryAfterS ?? (status === 503 ? RETRY_AFTER_S : undefined);
  return {
    'content-type': 'application/problem+json',
    ...(status === 401 ? { 'www-authenticate': challenge(code) } : {}),
    ...(waitS === undefined ? {} : { 'retry-after': String(waitS) }),
  };
};

/** RFC 9457; `id` is the call's, by which its line in the log is found. */
export const problemDocument = (
  { code, detail, field, members }: Finding,
  status: number,
  id: string,
): string => {
  const problem: Problem = {
    ...members,
    type: `urn:countersign:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(field === undefined ? {} : { field }),
    instance: `urn:uuid:${id}`,
  };
  return JSON.stringify(problem);
};

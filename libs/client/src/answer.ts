import { problem } from '@countersign/contracts';
import { CountersignError } from './countersign-error.ts';

/** The part of a zod schema that this lib needs; contracts' schemas have it. */
export interface AnswerSchema<Answer> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Answer }
    | { readonly success: false; readonly error: SchemaError };
}

interface SchemaError {
  readonly message: string;
  readonly issues: readonly SchemaIssue[];
}

interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[] | undefined;
}

/** One HTTP answer, read whole. `body` is undefined where it isn't JSON. */
export interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

const invalidResponse = (status: number, detail: string, cause?: unknown): CountersignError =>
  new CountersignError(
    'invalid_response',
    `The answer isn't one of Countersign's (${detail}); check the address and the server's version.`,
    { status, cause },
  );

const objectAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );

/** Takes away what the issues name as unknown. False where that leaves another issue. */
const dropUnknownMembers = (body: unknown, issues: readonly SchemaIssue[]): boolean =>
  issues.every(({ code, path, keys = [] }) => {
    const target = objectAt(body, path);
    if (code !== 'unrecognized_keys' || typeof target !== 'object' || target === null) return false;
    return keys.every((key) => Reflect.deleteProperty(target, key));
  });

/** A newer server may say more than this build knows: what is unknown is dropped, what is missing is an error. */
export const readAnswer = <Answer>(schema: AnswerSchema<Answer>, { status, body }: Answered): Answer => {
  const first = schema.safeParse(body);
  if (first.success) return first.data;
  const known: unknown = structuredClone(body);
  const second = dropUnknownMembers(known, first.error.issues) ? schema.safeParse(known) : first;
  if (second.success) return second.data;
  throw invalidResponse(status, 'of another shape', second.error);
};

/** The problem's code; undefined where the answer is none of Countersign's. */
export const problemCodeOf = ({ body }: Answered): string | undefined => problem.safeParse(body).data?.code;

/** The server's refusal as an error. */
export const readProblem = ({ status, body }: Answered): CountersignError => {
  const parsed = problem.safeParse(body);
  if (!parsed.success) return invalidResponse(status, `status ${status} without a problem document`);
  const { code, detail, field } = parsed.data;
  return new CountersignError(code, detail, { status, field, problem: parsed.data });
};

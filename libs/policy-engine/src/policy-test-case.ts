import { parsePrivilegedAction, type PrivilegedAction } from '@countersign/domain-action';
import {
  CodedError,
  parseDurationMs,
  parseEntity,
  type EntityRef,
  type Json,
  type JsonObject,
} from '@countersign/kernel';
import { z } from 'zod';
import type { PolicyFile } from './policy-set.ts';
import { PolicySetError } from './policy-set-error.ts';
import { YamlFile } from './yaml-file.ts';

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
);
const properties: z.ZodType<JsonObject> = z.record(z.string(), json);

const entity = z.string().transform((text, context): EntityRef => {
  try {
    return parseEntity(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must name an entity, like Agent::"etl-bot"' });
    return z.NEVER;
  }
});

const duration = z.string().transform((text, context): number => {
  try {
    return parseDurationMs(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be a duration, like 30s, 15m, 1h or 2d' });
    return z.NEVER;
  }
});

const expectation = z.strictObject({
  /** `refused`: intake takes no such request (a property contradicts the catalogue). */
  outcome: z.enum(['permitted', 'review', 'denied', 'refused']),
  reason: z.string().min(1),
  /** Group → quorum, all of them. */
  groups: z.record(z.string(), z.int()).optional(),
  expires_in: duration.optional(),
  grant_ttl: duration.optional(),
  enforcement: z.enum(['advisory', 'guarded', 'brokered']).optional(),
  /** Ids of the policies that determined the answer, all of them. */
  policies: z.array(z.string()).optional(),
});
export type Expectation = z.infer<typeof expectation>;

const testCase = z.strictObject({
  name: z.string().min(1),
  subject: entity,
  initiator: z.string().optional(),
  action: z.union([
    z.string().transform((name) => ({ name, properties: {} })),
    z.strictObject({ name: z.string(), properties }),
  ]),
  resource: z.union([
    entity.transform((ref) => ({ ...ref, properties: {} })),
    z.strictObject({ type: z.string(), id: z.string(), properties }),
  ]),
  context: properties.default({}),
  expect: expectation,
});

const testFile = z.strictObject({ cases: z.array(testCase) });

export interface PolicyTestCase {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly request: PrivilegedAction;
  readonly expect: Expectation;
}

const requestOf = (
  { subject, initiator, action, resource, context }: z.infer<typeof testCase>,
  file: YamlFile,
  at: number,
): PrivilegedAction => {
  try {
    return parsePrivilegedAction({
      subject: { ...subject, properties: initiator === undefined ? {} : { initiator } },
      action,
      resource: { ...resource },
      context: { justification: 'A case of the policy test', ...context },
    });
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const message = `This is no request: ${error.message}`;
    throw new PolicySetError([file.diagnostic(String(error.code), message, ['cases', at])]);
  }
};

/** The cases of one `*.test.yaml`; a file that can't be read whole throws `PolicySetError`. */
export const parsePolicyTests = (source: PolicyFile): readonly PolicyTestCase[] => {
  const file = new YamlFile(source);
  const parsed = file.parse(testFile);
  if (!('value' in parsed)) throw new PolicySetError(parsed.diagnostics);
  return parsed.value.cases.map((one, at) => ({
    file: source.path,
    line: file.lineOf(['cases', at]) ?? 1,
    name: one.name,
    request: requestOf(one, file, at),
    expect: one.expect,
  }));
};

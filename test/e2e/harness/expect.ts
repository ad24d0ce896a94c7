import { problem } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import { expect } from 'vitest';
import type { Answer } from './api.ts';
import type { LogFile } from './log-file.ts';

export interface ExpectedProblem {
  readonly status: number;
  readonly code: string;
  /** Undefined: whatever it is. */
  readonly field?: string | undefined;
  /** The precise refusal, where the code is coarser. */
  readonly reason?: string | undefined;
}

/** Problem details by RFC 9457, with this status, code and, where told, field and reason. */
export const expectProblem = (answer: Answer, expected: ExpectedProblem): void => {
  const { status, code, field, reason } = problem.parse(answer.json ?? { text: answer.text });
  expect({ status, code, field, reason }).toEqual({ field, reason, ...expected });
  expect(answer.status).toBe(expected.status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
};

/** Cards are posted and updated in their own time; everything else is appended by whoever causes it. */
const appended = (log: LogFile): number =>
  log.events().filter(({ stream }) => parseStreamName(stream).category !== 'delivery').length;

/** Runs it, and holds it to having left no trace in the log. Nothing else may be under way. */
export const appendsNothing = async <Result>(log: LogFile, run: () => Promise<Result>): Promise<Result> => {
  const before = appended(log);
  const result = await run();
  expect(appended(log)).toBe(before);
  return result;
};

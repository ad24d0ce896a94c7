import { CodedError, hasCode } from '@countersign/kernel';

/** How often a decision is made again after a lost race, before the caller hears of it. */
export const MAX_REDECISIONS = 5;

/**
 * Runs load-decide-append; on `wrong_expected_revision` runs it again, so that the decision is always made
 * on the stream as it stands, at most five times more. Then `too_much_contention`: nothing was appended,
 * and the caller may try again. Every other error passes through untouched.
 */
export const retryOnConflict = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  let conflict: unknown;
  for (let redecisions = 0; redecisions <= MAX_REDECISIONS; redecisions += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!hasCode(error, 'wrong_expected_revision')) throw error;
      conflict = error;
    }
  }
  throw new CodedError('too_much_contention', 'Others kept changing this stream; try again.', {
    cause: conflict,
  });
};

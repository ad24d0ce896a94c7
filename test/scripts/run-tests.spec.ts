import { describe, expect, it } from 'vitest';
import { countReport } from '../../scripts/lib/run-tests.mjs';

const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((t) => ({ status: t })),
});

describe('the count of a test run', () => {
  it('has passed, failed, and both pending and todo as skipped', () => {
    const testResults = [file('passed', 'passed'), file('failed', 'passed', 'failed')];
    expect(countReport({ ...report, testResults })).toEqual({ passed: 5, failed: 1, skipped: 3 });
  });

  it('has a file that fails without a failing test as one failure', () => {
    const testResults = [file('failed'), file('failed', 'passed'), file('failed', 'failed')];
    expect(countReport({ ...report, testResults })).toMatchObject({ failed: 3 });
  });
});

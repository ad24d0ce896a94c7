import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError, GUARD_CODES, GuardError } from '@countersign/client';
import { CodedError } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { EXIT_CODES, exitCodeOf, exitCodeTable } from './exit-code.ts';

const answered = (code: string, status: number): CountersignError =>
  new CountersignError(code, '', { status });

describe('exit codes', () => {
  it.each([
    ['a fault of ours', new TypeError('x'), 1],
    ['an unknown code of ours', new CodedError('strange', ''), 1],
    ['a server that fails', answered('internal_error', 500), 1],
    ['a wrong option', new CliError('usage', ''), 2],
    ['an action that intake would refuse', new CodedError('invalid_field', ''), 2],
    ['a field that the server refuses', answered('invalid_field', 400), 16],
    ['a conflict', answered('review_closed', 409), 16],
    ['a refused token', answered('token_expired', 401), 16],
    ['a property that contradicts the catalogue', answered('property_conflict', 422), 16],
    ['a cap', answered('too_many_open_requests', 429), 19],
    ['a refused policy set', answered('invalid_policy_set', 422), 3],
    ['what is not there', answered('not_found', 404), 17],
    [
      'a guard that was refused for a reason',
      new GuardError('refused', '', { cause: answered('not_found', 404) }),
      17,
    ],
    [
      'a binding that changed before the start',
      new GuardError('execution_failed', '', { cause: new CliError('binding_changed', '') }),
      15,
    ],
  ])('say %s', (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it('give every reason for not starting its own, none of them 0', () => {
    const codes = new Map(GUARD_CODES.map((code) => [code, exitCodeOf(new GuardError(code, ''))]));
    expect(Object.fromEntries(codes)).toEqual({
      denied: 10,
      expired: 11,
      undeliverable: 11,
      cancelled: 12,
      wait_timeout: 12,
      revoked: 13,
      grant_expired: 13,
      unreachable: 14,
      already_redeemed: 16,
      digest_mismatch: 16,
      refused: 1,
      execution_failed: 1,
    });
  });

  it('are all in the table that --help and the README print', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8').replaceAll(/ {2,}/g, ' ');
    for (const [code, meaning] of EXIT_CODES) {
      expect(exitCodeTable()).toContain(`${code}  ${meaning}`);
      expect(readme).toContain(`| ${code} | ${meaning} |`);
    }
  });
});

import { hasCode } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import type { GrantCommand } from './decide.ts';
import { REDEMPTION_REFUSALS, REPORT_DEADLINE_MS } from './grant-events.ts';
import { foldGrant, grantEvents } from './grant.ts';
import {
  ALICE,
  at,
  BOT,
  claim,
  DAY,
  expire,
  GATEWAY,
  given,
  markUnreported,
  MINUTE,
  OWN_TERMS,
  redeem,
  report,
  revoke,
} from './spec-helpers.ts';

const LATE = 5 * MINUTE;
const failsWith = (code: string): unknown => expect.toSatisfy((error) => hasCode(error, code));
const failed = report({ outcome: { status: 'failed', exitCode: 1 } });

type Row = readonly [rule: string, past: readonly GrantCommand[], command: GrantCommand, expected: string];

describe('claiming', () => {
  it.each<Row>([
    ['opens the grant and issues its token in one', [], claim(), 'GrantOpened TokenIssued'],
    ['again changes nothing, with another jti neither', [claim()], claim({ jti: 'jti-2' }), 'unchanged'],
    ['is the requester’s, not the executor’s', [], claim({ by: GATEWAY }), 'refused not_requester'],
    ['ends with the grant’s time', [], claim({ now: at(LATE) }), 'refused grant_expired'],
    ['again ends with it too', [claim()], claim({ now: at(LATE) }), 'refused grant_expired'],
    ['is over after a revocation', [revoke()], claim(), 'refused grant_revoked'],
    ['is over after a redemption', [claim(), redeem()], claim(), 'refused already_redeemed'],
    ['is over after the report', [claim(), redeem(), report()], claim(), 'refused already_redeemed'],
    ['is over after the expiry', [expire(LATE)], claim(), 'refused grant_expired'],
  ])('%s', (_, past, command, expected) => {
    expect(given(...past).when(command)).toBe(expected);
  });
});

describe('redeeming', () => {
  const withId = redeem({ redemptionId: 'once' });
  const ownClaim = claim({ terms: OWN_TERMS });
  const byBot = (initiator: string | undefined) => redeem({ by: BOT, initiator, redemptionId: 'once' });
  const botReports = (initiator: string) => report({ by: BOT, initiator });
  it.each<Row>([
    ['spends the grant', [claim()], redeem(), 'GrantRedeemed'],
    ['is the redeemer’s, not the requester’s', [claim()], redeem({ by: BOT }), 'refused wrong_executor'],
    ['takes exactly the approved action', [claim()], redeem({ digest: 'other' }), 'refused digest_mismatch'],
    ['happens once', [claim(), redeem()], redeem(), 'refused already_redeemed'],
    ['with the same redemption id is the same redemption', [claim(), withId], withId, 'unchanged'],
    ['so after the report, too', [claim(), withId, report()], withId, 'unchanged'],
    [
      'with another redemption id is a second one',
      [claim(), withId],
      redeem({ redemptionId: 'twice' }),
      'refused already_redeemed',
    ],
    [
      'with the same id but another action is refused',
      [claim(), withId],
      redeem({ redemptionId: 'once', digest: 'other' }),
      'refused digest_mismatch',
    ],
    ['ends with a revocation', [claim(), revoke()], redeem(), 'refused grant_revoked'],
    ['ends with the grant’s time', [claim()], redeem({ now: at(LATE) }), 'refused grant_expired'],
    [
      'ends with the expiry, whatever a lagging clock says',
      [claim(), expire(LATE)],
      redeem(),
      'refused grant_expired',
    ],
    [
      'past its time still says that it was spent',
      [claim(), redeem()],
      redeem({ now: at(LATE) }),
      'refused already_redeemed',
    ],
  ])('%s', (_, past, command, expected) => {
    expect(given(...past).when(command)).toBe(expected);
  });

  it.each<Row>([
    ['is for the person who stood in the review', [ownClaim], byBot('carol'), 'GrantRedeemed'],
    ['started by another person is another hand', [ownClaim], byBot('bob'), 'refused wrong_executor'],
    ['started by nobody is another hand too', [ownClaim], byBot(undefined), 'refused wrong_executor'],
    ['is not repeated by another hand', [ownClaim, byBot('carol')], byBot('bob'), 'refused wrong_executor'],
    ['is reported by the same hand', [ownClaim, byBot('carol')], botReports('carol'), 'ExecutionReported'],
    ['is not reported by another', [ownClaim, byBot('carol')], botReports('bob'), 'refused not_redeemer'],
    ['by an executor is for nobody', [claim()], redeem({ initiator: 'bob' }), 'GrantRedeemed'],
  ])('%s', (_, past, command, expected) => {
    expect(given(...past).when(command)).toBe(expected);
  });

  it('asks its questions in the order of the list', () => {
    const wrong = { by: BOT, digest: 'other', now: at(LATE) };
    expect([
      given(claim(), revoke()).when(redeem(wrong)),
      given(claim(), revoke()).when(redeem({ ...wrong, by: GATEWAY })),
      given(claim(), revoke()).when(redeem({ now: at(LATE) })),
      given(claim(), redeem()).when(redeem({ now: at(LATE) })),
      given(claim()).when(redeem({ now: at(LATE) })),
    ]).toEqual(REDEMPTION_REFUSALS.map((refusal) => `refused ${refusal}`));
  });

  it('raises an alarm at a token that was never issued', () => {
    expect(() => given().when(redeem())).toThrow(failsWith('token_not_issued'));
    expect(() => given(claim()).when(redeem({ jti: 'forged' }))).toThrow(failsWith('token_not_issued'));
    expect(() => given(revoke()).when(redeem())).toThrow(failsWith('token_not_issued'));
  });
});

describe('revoking', () => {
  it.each<Row>([
    ['ends an open grant', [claim()], revoke(), 'GrantRevoked'],
    ['ends a grant that nobody claimed', [], revoke(), 'GrantOpened GrantRevoked'],
    ['again changes nothing', [revoke()], revoke({ cause: 'cancelled' }), 'unchanged'],
    ['comes too late after the redemption', [claim(), redeem()], revoke(), 'refused already_redeemed'],
    ['comes too late after the report', [claim(), redeem(), report()], revoke(), 'refused already_redeemed'],
    ['finds nothing after the expiry', [claim(), expire(LATE)], revoke(), 'refused grant_expired'],
  ])('%s', (_, past, command, expected) => {
    expect(given(...past).when(command)).toBe(expected);
  });
});

describe('expiring', () => {
  it.each<Row>([
    ['waits for its time', [claim()], expire(LATE - 1), 'unchanged'],
    ['comes at its time', [claim()], expire(LATE), 'GrantExpired'],
    ['ends a grant that nobody claimed', [], expire(LATE), 'GrantOpened GrantExpired'],
    ['never undoes a redemption', [claim(), redeem()], expire(LATE), 'unchanged'],
    ['never follows a revocation', [revoke()], expire(LATE), 'unchanged'],
  ])('%s', (_, past, command, expected) => {
    expect(given(...past).when(command)).toBe(expected);
  });
});

describe('reporting', () => {
  const silent = [claim(), redeem(), markUnreported(REPORT_DEADLINE_MS + 2)];
  it.each<Row>([
    ['says what came of it', [claim(), redeem()], report(), 'ExecutionReported'],
    ['again changes nothing', [claim(), redeem(), report()], report({ now: at(DAY) }), 'unchanged'],
    ['another outcome is refused', [claim(), redeem(), report()], failed, 'refused already_reported'],
    ['is the redeemer’s alone', [claim(), redeem()], report({ by: BOT }), 'refused not_redeemer'],
    ['needs a redemption', [claim()], report(), 'refused not_redeemed'],
    ['needs one after a revocation too', [revoke()], report({ by: ALICE }), 'refused not_redeemed'],
    ['may come late, once', silent, failed, 'ExecutionReported'],
    ['late, the same again changes nothing', [...silent, failed], failed, 'unchanged'],
    ['late, another outcome is refused', [...silent, failed], report(), 'refused already_reported'],
    ['is missed only after a day', [claim(), redeem()], markUnreported(DAY + 1), 'unchanged'],
    ['is missed then', [claim(), redeem()], markUnreported(DAY + 2), 'ExecutionUnreported'],
    ['is missed once', silent, markUnreported(2 * DAY), 'unchanged'],
    ['is not missed where it came', [claim(), redeem(), report()], markUnreported(2 * DAY), 'unchanged'],
  ])('%s', (_, past, command, expected) => {
    expect(given(...past).when(command)).toBe(expected);
  });

  it('marks a late report as late', () => {
    expect(given(claim(), redeem(), report()).events.at(-1)?.data).toMatchObject({
      late: false,
      exitCode: 0,
    });
    expect(given(...silent, failed).events.at(-1)?.data).toMatchObject({ late: true, status: 'failed' });
  });
});

describe('the fold fails closed', () => {
  const [opened, issued, redeemed, reported] = given(claim(), redeem(), report()).events;
  const revoked = given(revoke()).events[1];
  const expired = given(expire(LATE)).events[1];

  it('on a type it does not know', () => {
    expect(() => grantEvents([{ type: 'GrantReopened', data: {} }])).toThrow(failsWith('unknown_event_type'));
  });

  it.each([
    ['a redemption of what was never opened', [redeemed]],
    ['two redemptions', [opened, issued, redeemed, redeemed]],
    ['a redemption after the revocation', [opened, issued, revoked, redeemed]],
    ['a redemption after the expiry', [opened, issued, expired, redeemed]],
    ['a revocation after the redemption', [opened, issued, redeemed, revoked]],
    ['a second opening', [opened, opened]],
    ['a second token', [opened, issued, issued]],
    ['a report without redemption', [opened, issued, reported]],
    ['two reports', [opened, issued, redeemed, reported, reported]],
  ])('on %s', (_, events) => {
    const recorded = events.filter((event) => event !== undefined);
    expect(() => foldGrant(recorded)).toThrow(failsWith('impossible_event'));
  });
});

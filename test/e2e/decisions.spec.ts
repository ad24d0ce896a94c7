import type { RequestView } from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { expectProblem } from './harness/expect.ts';
import { assertInvariants } from './harness/invariants.ts';
import { ALICE_AT_WORK, enlargeAcme, ERIN, ERIN_BOT, FRANK } from './harness/larger-acme.ts';
import {
  actionOf,
  ALICE,
  approve,
  awaitStatus,
  BOB,
  bulkExport,
  CAROL,
  DAVE,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  RELEASE,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

let countersign: Countersign;
beforeAll(async () => {
  countersign = await Countersign.start({ editPolicies: enlargeAcme });
});
afterAll(() => countersign.dispose());

const WRONG_DIGEST = 'A'.repeat(43);
const platformAction = (): object => actionOf('iam.escalate', 'Role', 'admin');

interface Asked {
  readonly by?: string;
  readonly initiator?: string;
  readonly body?: object;
}

const opened = async ({
  by = ETL_BOT,
  initiator,
  body = smallExport(),
}: Asked = {}): Promise<RequestView> => {
  const requester = await countersign.api(by, initiator);
  return awaitStatus(requester, (await submit(requester, body)).id, 'pending');
};

const decideAs = async (
  who: string,
  request: Pick<RequestView, 'id' | 'digest'>,
  decision: 'approve' | 'deny' = 'approve',
): Promise<Answer> => decide(await countersign.api(who), request, decision);

/** Closed and asked for with a wrong digest: whatever is asked before holds against it as well. */
const closedWithWrongDigest = async (
  asked: Asked,
  denier: string,
): Promise<{ id: string; digest: string }> => {
  const request = await opened(asked);
  expect((await decideAs(denier, request, 'deny')).status).toBe(201);
  return { ...request, digest: WRONG_DIGEST };
};

const refusals = (id: string): JsonObject[] =>
  countersign.log.stream(`reviewattempt-${id}`).map(({ data }) => data);

type RefusedDecision = [
  what: string,
  asked: Asked,
  who: string,
  code: string,
  reason: string,
  status: number,
];

describe('who may decide is asked in this order, and the first that holds answers', () => {
  it.each<RefusedDecision>([
    ['not a person: the requester itself', { by: ETL_BOT }, ETL_BOT, 'not_human', 'not_human', 403],
    [
      'not verified: a suspended owner and member',
      { by: ERIN_BOT },
      ERIN,
      'not_eligible',
      'not_verified',
      403,
    ],
    [
      'the initiator, who is the owner too',
      { initiator: 'carol' },
      CAROL,
      'self_approval',
      'is_initiator',
      403,
    ],
    ['the owner, who is in no group that was asked', {}, CAROL, 'self_approval', 'is_owner', 403],
    ['an auditor, who is in no group that was asked', {}, DAVE, 'not_eligible', 'not_in_group', 403],
    ['nobody in particular', {}, FRANK, 'not_eligible', 'not_in_group', 403],
    ['another digest, on a review that has ended', {}, BOB, 'digest_mismatch', 'digest_mismatch', 409],
  ])('%s', async (_what, asked, who, code, reason, status) => {
    const request = await closedWithWrongDigest(asked, ALICE);
    const answer = await decideAs(who, request);
    expectProblem(answer, {
      status,
      code,
      reason,
      field: reason === 'digest_mismatch' ? 'digest' : undefined,
    });
    expect(refusals(request.id).map(({ refusal }) => refusal)).toEqual([reason]);
  });

  it('the review has ended', async () => {
    const request = await opened();
    await decideAs(ALICE, request, 'deny');
    for (const decision of ['approve', 'deny'] as const) {
      const answer = await decideAs(BOB, request, decision);
      expectProblem(answer, { status: 409, code: 'review_closed', reason: 'review_closed' });
    }
  });

  it('it is too late', async () => {
    const request = await opened({ body: actionOf('data.sample', 'Dataset', 'customers') });
    await awaitStatus(await countersign.api(ETL_BOT), request.id, 'expired');
    expectProblem(await decideAs(ALICE, request), {
      status: 409,
      code: 'review_closed',
      reason: 'review_closed',
    });
    expect(countersign.log.types(`review-${request.id}`)).toEqual([
      'PolicyEvaluated',
      'ReviewOpened',
      'ReviewExpired',
    ]);
  });

  it('a member of another group', async () => {
    const request = await opened({ body: platformAction(), by: DEPLOY_BOT });
    expectProblem(await decideAs(ALICE, request), {
      status: 403,
      code: 'not_eligible',
      reason: 'not_in_group',
    });
  });

  it('automata other than the requester learn nothing', async () => {
    const request = await opened();
    expectProblem(await decideAs(DEPLOY_BOT, request), { status: 404, code: 'not_found' });
    expect(refusals(request.id)).toEqual([]);
  });

  it('refusals are recorded twenty times, and counted after that', async () => {
    const request = await opened();
    const answers = await Promise.all(Array.from({ length: 40 }, () => decideAs(DAVE, request)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(refusals(request.id)).toHaveLength(20);
    expect((await decideAs(ALICE, request)).status).toBe(201);
  });
});

describe('after the end', () => {
  it('of an approved review nobody decides', async () => {
    const request = await opened();
    await approve(await countersign.api(ALICE), request);
    expectProblem(await decideAs(BOB, request, 'deny'), {
      status: 409,
      code: 'review_closed',
      reason: 'review_closed',
    });
    expectProblem(await decideAs(ALICE, request, 'deny'), {
      status: 409,
      code: 'already_decided',
      reason: 'already_decided',
    });
  });

  it('by cancellation nobody decides, and cancelling after a denial is a conflict', async () => {
    const request = await opened();
    const cancelled = await (await countersign.api(CAROL)).post(`/v1/requests/${request.id}/cancellation`);
    expect([cancelled.status, cancelled.json]).toEqual([
      200,
      expect.objectContaining({ status: 'cancelled' }),
    ]);
    expectProblem(await decideAs(ALICE, request), {
      status: 409,
      code: 'review_closed',
      reason: 'review_closed',
    });
    const denied = await opened();
    await decideAs(ALICE, denied, 'deny');
    const answer = await (await countersign.api(ETL_BOT)).post(`/v1/requests/${denied.id}/cancellation`);
    expectProblem(answer, { status: 409, code: 'not_cancellable' });
  });

  it('one of an approval and a denial at once wins, and the other is told so', async () => {
    const request = await opened();
    const answers = await Promise.all([decideAs(ALICE, request, 'approve'), decideAs(BOB, request, 'deny')]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  it('policy alone having decided, nobody was asked', async () => {
    const requester = await countersign.api(ETL_BOT);
    const { id, digest } = await submit(requester, actionOf('database.delete', 'Database', 'orders'));
    await awaitStatus(requester, id, 'denied');
    expectProblem(await decideAs(ALICE, { id, digest }), {
      status: 403,
      code: 'not_eligible',
      reason: 'not_in_group',
    });
  });
});

describe('the quorum', () => {
  it('is denied at once where it could never be filled', async () => {
    const requester = await countersign.api(DEPLOY_BOT);
    const { id } = await submit(requester, bulkExport());
    const denied = await awaitStatus(requester, id, 'denied');
    expect(denied.review).toMatchObject({ state: 'denied', code: 'no_eligible_quorum' });
    expect(countersign.log.types(`review-${id}`)).toEqual(['PolicyEvaluated', 'ReviewDenied']);
  });

  it('of two takes two persons, and not one person by two accounts', async () => {
    const request = await opened({ body: bulkExport() });
    expect((await decideAs(ALICE, request)).json).toMatchObject({ status: 'pending' });
    expect((await decideAs(ALICE_AT_WORK, request)).status).toBe(200);
    expect((await decideAs(BOB, request)).json).toMatchObject({ status: 'approved' });
    const approvals = countersign.log
      .stream(`review-${request.id}`)
      .filter(({ type }) => type === 'DecisionRecorded');
    expect(approvals.map(({ data }) => data['approver'])).toEqual(['alice', 'bob']);
  });

  it('of two is ended by one denial', async () => {
    const request = await opened({ body: bulkExport() });
    await decideAs(ALICE, request);
    expect((await decideAs(BOB, request, 'deny')).json).toMatchObject({ status: 'denied' });
  });

  it('of a pipeline that carol started is bob, and not carol', async () => {
    const body = actionOf('infra.apply', 'Stack', 'prod-web');
    const request = await opened({ by: RELEASE, initiator: 'carol', body });
    expectProblem(await decideAs(CAROL, request), {
      status: 403,
      code: 'self_approval',
      reason: 'is_initiator',
    });
    expect((await decideAs(BOB, request)).json).toMatchObject({ status: 'approved' });
  });

  it('that the initiator would have to fill is none', async () => {
    const requester = await countersign.api(ETL_BOT, 'alice');
    const { id } = await submit(requester, bulkExport());
    expect((await awaitStatus(requester, id, 'denied')).review?.code).toBe('no_eligible_quorum');
  });
});

it('and the log holds what it must', () => assertInvariants(countersign, { maxOverdueMs: 3_000 }));

import { Controller, Inject } from '@nestjs/common';
import {
  claimBody,
  claimView,
  outcomeBody,
  outcomeView,
  redemptionBody,
  redemptionView,
  revocationBody,
  revocationView,
  type ClaimBody,
  type ClaimView,
  type OutcomeBody,
  type OutcomeView,
  type RedemptionView,
  type RevocationBody,
  type RevocationView,
} from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import {
  ApiBody,
  ApiParams,
  ApiRoute,
  CurrentCaller,
  JsonBody,
  reply,
  type Caller,
  type Reply,
} from '@countersign/service-host';
import { z } from 'zod';
import { ClaimGrant } from './claim/claim-grant.ts';
import { ReportOutcome } from './outcome/report-outcome.ts';
import { parseRedemption } from './redemption/parse-redemption.ts';
import { RedeemGrant } from './redemption/redeem-grant.ts';
import { RevokeGrant } from './revocation/revoke-grant.ts';

const grantParams = z.object({ id: z.uuid() });
type GrantParams = z.infer<typeof grantParams>;

const TAGS = ['grants'];

@Controller()
export class GrantsController {
  readonly #claim: ClaimGrant;
  readonly #redeem: RedeemGrant;
  readonly #revoke: RevokeGrant;
  readonly #report: ReportOutcome;

  constructor(
    @Inject(ClaimGrant) claim: ClaimGrant,
    @Inject(RedeemGrant) redeem: RedeemGrant,
    @Inject(RevokeGrant) revoke: RevokeGrant,
    @Inject(ReportOutcome) report: ReportOutcome,
  ) {
    this.#claim = claim;
    this.#redeem = redeem;
    this.#revoke = revoke;
    this.#report = report;
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/grants',
    summary: 'Claim the grant of an approved request',
    description: "By the requester. The approval is derived again from the review's signed record.",
    tags: TAGS,
    body: claimBody,
    responses: {
      201: { description: 'The grant is open, and this is its token', schema: claimView },
      200: { description: 'Claimed before: the same claims, signed again', schema: claimView },
    },
    errors: [
      'not_found',
      'forbidden',
      'not_approved',
      'approval_not_proven',
      'already_redeemed',
      'grant_revoked',
      'grant_expired',
      'no_policy_set',
    ],
  })
  async claim(
    @ApiBody() { requestId }: ClaimBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Reply<ClaimView>> {
    const { isNew, view } = await this.#claim.claim(requestId, caller);
    return reply(isNew ? 201 : 200, view);
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/grants/redemptions',
    summary: 'Redeem a grant with the action that is about to run',
    description:
      'By the executor that the action names, else by the requester. Right before, the active policy set is ' +
      'asked again. With a `redemptionId` a lost answer can be asked for again.',
    tags: TAGS,
    body: redemptionBody,
    responses: { 200: { description: 'Run it, now and once', schema: redemptionView } },
    errors: [
      'token_invalid',
      'wrong_executor',
      'digest_mismatch',
      'grant_revoked',
      'already_redeemed',
      'grant_expired',
      'approval_not_proven',
      'policy_unreachable',
      'clock_skewed',
    ],
  })
  redeem(@JsonBody() body: Json, @CurrentCaller() caller: Caller): Promise<RedemptionView> {
    return this.#redeem.redeem(parseRedemption(body), caller);
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/grants/:id/revocation',
    summary: 'Take an approval back before it is spent',
    description: 'By the owner, or by a person who was counted or may decide the request.',
    tags: TAGS,
    params: grantParams,
    body: revocationBody,
    responses: { 200: { description: 'Revoked, now or before', schema: revocationView } },
    errors: [
      'not_found',
      'forbidden',
      'not_approved',
      'approval_not_proven',
      'already_redeemed',
      'grant_expired',
      'no_policy_set',
    ],
  })
  revoke(
    @ApiParams() { id: requestId }: GrantParams,
    @ApiBody() { reason }: RevocationBody,
    @CurrentCaller() caller: Caller,
  ): Promise<RevocationView> {
    return this.#revoke.revoke({ requestId, cause: 'revoked', reason }, caller);
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/grants/:id/outcome',
    summary: 'Say what came of the redeemed action',
    description: 'By whoever redeemed it, once, within 24 hours; later it is marked late.',
    tags: TAGS,
    params: grantParams,
    body: outcomeBody,
    responses: {
      201: { description: 'The outcome is recorded', schema: outcomeView },
      200: { description: 'The same outcome stood already', schema: outcomeView },
    },
    errors: ['not_found', 'wrong_executor', 'not_redeemed', 'already_reported', 'approval_not_proven'],
  })
  async report(
    @ApiParams() { id }: GrantParams,
    @ApiBody() body: OutcomeBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Reply<OutcomeView>> {
    const { isNew, view } = await this.#report.report(id, body, caller);
    return reply(isNew ? 201 : 200, view);
  }
}

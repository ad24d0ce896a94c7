import {
  claimView,
  decisionView,
  outcomeView,
  redemptionView,
  requestView,
  type ClaimView,
  type DecisionView,
  type OutcomeView,
  type RedemptionView,
  type RequestView,
} from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
import type { Answer, Api, HeaderValues } from './api.ts';

export const ETL_BOT = 'Agent::"etl-bot"';
export const DEPLOY_BOT = 'Agent::"deploy-bot"';
export const RELEASE = 'Pipeline::"release"';
export const GATEWAY = 'Service::"db-gateway"';
export const [ALICE, BOB, CAROL, DAVE] = ['alice', 'bob', 'carol', 'dave'].map((id) => `User::"${id}"`) as [
  string,
  string,
  string,
  string,
];

export interface ActionParts {
  readonly action: JsonObject;
  readonly resource: JsonObject;
  readonly context: JsonObject;
}

export const actionOf = (name: string, type: string, id: string, context: JsonObject = {}): ActionParts => ({
  action: { name },
  resource: { type, id },
  context: { justification: 'Quarterly report', ...context },
});

/** One data owner decides it. */
export const smallExport = (context: JsonObject = {}): ActionParts =>
  actionOf('data.export', 'Dataset', 'customers', { rows: 500, ...context });

/** Both data owners decide it. */
export const bulkExport = (context: JsonObject = {}): ActionParts =>
  smallExport({ rows: 50_000, ...context });

/** Permitted at once. */
export const stagingRead = (): ActionParts => actionOf('data.read', 'Dataset', 'staging-orders');

const SETTLE_S = 5;

const expectStatus = (answer: Answer, ...wanted: number[]): unknown => {
  if (wanted.includes(answer.status)) return answer.json;
  throw new Error(`Expected ${wanted.join(' or ')}, got ${answer.status}: ${answer.text}`);
};

/** Durable when this resolves; evaluated or not. */
export const submit = async (
  requester: Api,
  body: object = smallExport(),
  headers: HeaderValues = {},
): Promise<RequestView> =>
  requestView.parse(expectStatus(await requester.post('/v1/requests', body, headers), 200, 202));

export const read = async (reader: Api, id: string): Promise<RequestView> =>
  requestView.parse(expectStatus(await reader.get(`/v1/requests/${id}`), 200));

/** The request once its status is one of these, by the API's own wait. */
export const awaitStatus = async (reader: Api, id: string, ...wanted: string[]): Promise<RequestView> => {
  let view = await read(reader, id);
  while (!wanted.includes(view.status)) {
    const path = `/v1/requests/${id}?wait=${SETTLE_S}&after=${view.version}`;
    view = requestView.parse(expectStatus(await reader.get(path), 200));
  }
  return view;
};

export const decide = (
  approver: Api,
  { id, digest }: Pick<RequestView, 'id' | 'digest'>,
  decision: 'approve' | 'deny' = 'approve',
  reason = 'Looks right.',
): Promise<Answer> => approver.post(`/v1/reviews/${id}/decisions`, { decision, reason, digest });

export const approve = async (approver: Api, request: RequestView): Promise<DecisionView> =>
  decisionView.parse(expectStatus(await decide(approver, request), 201));

export const claim = async (requester: Api, requestId: string): Promise<ClaimView> =>
  claimView.parse(expectStatus(await requester.post('/v1/grants', { requestId }), 200, 201));

/** The body of a redemption of exactly the action that was reviewed. */
export const redemptionOf = (
  { subject, action, resource, context }: RequestView,
  token: string,
): JsonObject => ({
  token,
  subject,
  action,
  resource,
  context,
});

export const redeem = async (redeemer: Api, request: RequestView, token: string): Promise<RedemptionView> =>
  redemptionView.parse(
    expectStatus(await redeemer.post('/v1/grants/redemptions', redemptionOf(request, token)), 200),
  );

export const report = async (
  redeemer: Api,
  grantId: string,
  outcome: object = { status: 'succeeded', exitCode: 0 },
): Promise<OutcomeView> =>
  outcomeView.parse(expectStatus(await redeemer.post(`/v1/grants/${grantId}/outcome`, outcome), 200, 201));

export {
  callNatsSubject,
  commandProof,
  doorbellNatsSubject,
  provenCommand,
  type BusCall,
  type CommandProof,
} from './bus/bus-call.ts';
export { callService, type CallBus } from './bus/call-service.ts';
export {
  CALL_QUEUE,
  CALL_TRAFFIC,
  DOORBELL_HEARINGS,
  mayAnswerTo,
  serviceInboxPrefix,
  servicePermissions,
  type CallTraffic,
  type DoorbellHearing,
} from './bus/bus-traffic.ts';
export { REQUESTS_CONSUMER, REQUESTS_JETSTREAM } from './bus/request-queue-names.ts';
export {
  REQUESTS_INBOX_PREFIX,
  requesterPermissions,
  requestsPermissions,
} from './bus/requests-permissions.ts';
export {
  natsInboxPrefix,
  natsPermissions,
  type NatsPermissions,
  type NatsUser,
} from './bus/nats-permissions.ts';
export {
  acceptedNatsSubject,
  receiptNatsSubject,
  rejectedNatsSubject,
  requestNatsSubject,
  requesterNatsToken,
  requesterTokenOf,
} from './bus/requester-subjects.ts';
export { HTTP_ROUTES, serviceAt, type HttpRoute } from './http/http-routes.ts';
export {
  actionDigest,
  actionParts,
  entityRef,
  jsonObject,
  problem,
  queryInteger,
  subjectView,
  timestamp,
  type Problem,
} from './http/primitives.ts';
export { commandKeyName, GRANT_TOKEN_KEY, SERVICE_KEYS } from './keys/service-keys.ts';
export { RECEIPT_KEY } from './intake/receipt-key.ts';
export { renderRequest } from './intake/render-request.ts';
export {
  decisionEntry,
  grantView,
  policyRef,
  requestBody,
  requestView,
  reviewView,
  type RequestView,
} from './intake/requests.ts';
export { decisionBody, decisionView, type DecisionBody, type DecisionView } from './policy/decisions.ts';
export {
  ACTIVATION_BODY_LIMIT,
  activePolicySetView,
  policyFile,
  policySetActivated,
  policySetBody,
  type ActivePolicySetView,
  type PolicySetActivatedView,
  type PolicySetBody,
} from './policy/policy-sets.ts';
export { reviewsPage, reviewsQuery, type ReviewsPage, type ReviewsQuery } from './policy/reviews.ts';
export {
  CANCEL_REVIEW,
  REAUTHORIZE,
  RECORD_DECISION,
  cancelReviewMessage,
  cancelReviewReply,
  reauthorizePayload,
  reauthorizeReply,
  recordDecisionMessage,
  recordDecisionPayload,
  type ShownCard,
} from './policy/calls.ts';
export {
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
} from './credentials/grants.ts';
export { jwksView, type JwksView } from './credentials/jwks.ts';
export { REVOKE_GRANT, revokeGrantMessage } from './credentials/calls.ts';
export {
  auditEvent,
  auditEventsPage,
  auditEventsQuery,
  type AuditEvent,
  type AuditEventsPage,
  type AuditEventsQuery,
} from './audit/audit-events.ts';
export {
  auditRequestEntry,
  auditRequestsPage,
  auditRequestsQuery,
  type AuditRequestEntry,
  type AuditRequestsPage,
  type AuditRequestsQuery,
} from './audit/audit-requests.ts';
export { auditCase, type AuditCase } from './audit/audit-case.ts';
export { auditRebuild, type AuditRebuild } from './audit/audit-rebuild.ts';

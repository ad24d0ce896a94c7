export type {
  ActionBody,
  ActionContext,
  ActionDigest,
  ActionName,
  Enforcement,
  PrivilegedAction,
  Resource,
  Subject,
  WellKnownContext,
} from './action.ts';
export { actionDigest, bindAction, claimedActionDigest, MAX_CANONICAL_BYTES } from './action-digest.ts';
export { MAX_NESTING } from './json-scanner.ts';
export { parseActionBody, parsePrivilegedAction } from './parse-action.ts';
export { enforcementOffered, enforcesAtLeast, executorOf, redeemerOf } from './redeemer.ts';
export { requestOf, type ActionRequested } from './request-events.ts';
export { requestIdFor } from './request-id.ts';
export { MAX_BODY_BYTES, parseStrictJson } from './strict-json.ts';

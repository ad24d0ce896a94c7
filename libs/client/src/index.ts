export {
  CountersignClient,
  type GetOptions,
  type Redeemed,
  type SubmitOptions,
} from './countersign-client.ts';
export { CountersignError, isCountersignError } from './countersign-error.ts';
export { GUARD_CODES, GuardError, type GuardCode } from './guard-error.ts';
export { guard, type Execution, type GuardOptions, type GuardResult } from './guard.ts';
export { freezeRequest, type ActionRequest } from './action-request.ts';
export type { AuditClient, AuditQuery } from './audit-client.ts';
export { isSettled, type WaitOptions } from './wait-until-settled.ts';
export type { CallOptions, Credentials, Fetch, TransportOptions } from './transport.ts';

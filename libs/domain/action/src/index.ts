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
export type { ActionRequested } from './request-events.ts';

import { knownEvents, type DomainEvent, type Timestamp } from '@countersign/kernel';
import type { ActionDigest, PrivilegedAction } from './action.ts';

/** The only event of a `request-<id>` stream. */
export type ActionRequested = DomainEvent<
  'ActionRequested',
  PrivilegedAction & {
    readonly requestId: string;
    readonly digest: ActionDigest;
    readonly requestedAt: Timestamp;
    /** Present where the requester gave one: the id is then derived from it. */
    readonly idempotencyKey?: string;
  }
>;

/** The request of a `request-<id>` stream, or undefined where the stream doesn't exist. */
export const requestOf = (
  recorded: readonly { readonly type: string; readonly data: object }[],
): ActionRequested['data'] | undefined =>
  knownEvents<ActionRequested>({ ActionRequested: true }, recorded)[0]?.data;

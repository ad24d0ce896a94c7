import { Metadata, status } from '@grpc/grpc-js';
import { EventStoreError, type EventStoreErrorCode } from '@countersign/event-store';
import type { Endpoint } from './endpoint.ts';

/**
 * What an error of the protocol means.
 * - `final`: trying again changes nothing; `code` says what to tell.
 * - `not_leader`: another node takes it; nothing happened.
 * - `not_sent`: no connection; nothing happened.
 * - `lost`: the request may have been carried out.
 */
export type Failure =
  | { readonly kind: 'final'; readonly code: EventStoreErrorCode; readonly message: string }
  | { readonly kind: 'not_leader'; readonly leader: Endpoint | undefined }
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'lost' };

/** A request that was carried out, or may have been, without an answer that settles it. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

interface ServiceFailure {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata | undefined;
}

const serviceFailure = (error: unknown): ServiceFailure | undefined => {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return undefined;
  const details = 'details' in error && typeof error.details === 'string' ? error.details : error.message;
  const metadata = 'metadata' in error && error.metadata instanceof Metadata ? error.metadata : undefined;
  return { code: error.code, details, metadata };
};

const textOf = ({ metadata }: ServiceFailure, key: string): string | undefined =>
  metadata?.get(key)[0]?.toString();

const leaderOf = (failure: ServiceFailure): Endpoint | undefined => {
  const host = textOf(failure, 'leader-endpoint-host');
  const port = Number(textOf(failure, 'leader-endpoint-port'));
  return host === undefined || !Number.isSafeInteger(port) ? undefined : { host, port };
};

const DENIED: Failure = {
  kind: 'final',
  code: 'store_unavailable',
  message: "The event store refused this service's user; give it the rights that docs/event-store.md names.",
};

const DELETED: Failure = {
  kind: 'final',
  code: 'store_corrupt',
  message: 'A stream of the log was deleted. Restore the store; nothing may follow from it.',
};

const TOO_LARGE: Failure = {
  kind: 'final',
  code: 'event_too_large',
  message: 'The append is too large for the event store.',
};

const BY_EXCEPTION: ReadonlyMap<string | undefined, Failure> = new Map([
  ['access-denied', DENIED],
  ['stream-deleted', DELETED],
  ['maximum-append-size-exceeded', TOO_LARGE],
]);

const DENYING: ReadonlySet<number> = new Set([status.UNAUTHENTICATED, status.PERMISSION_DENIED]);
const REFUSING: ReadonlySet<number> = new Set([status.INVALID_ARGUMENT, status.UNIMPLEMENTED]);
const UNAVAILABLE: number = status.UNAVAILABLE;

const byStatus = ({ code, details }: ServiceFailure): Failure => {
  if (DENYING.has(code)) return DENIED;
  if (REFUSING.has(code)) {
    return { kind: 'final', code: 'store_unavailable', message: `The event store refused: ${details}` };
  }
  const unsent = code === UNAVAILABLE && details.startsWith('No connection established');
  return { kind: unsent ? 'not_sent' : 'lost' };
};

/** What an error that a call threw means; an error that isn't the protocol's is thrown on. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof AnswerLost) return { kind: 'lost' };
  const failure = serviceFailure(error);
  if (failure === undefined) throw error;
  const exception = textOf(failure, 'exception');
  if (exception === 'not-leader') return { kind: 'not_leader', leader: leaderOf(failure) };
  return BY_EXCEPTION.get(exception) ?? byStatus(failure);
};

export const finalError = ({ code, message }: Extract<Failure, { kind: 'final' }>, cause: unknown) =>
  new EventStoreError(code, message, { cause });

/** Where surely nothing was done. */
export const storeAway = (cause: unknown): EventStoreError =>
  new EventStoreError('store_unavailable', 'The event store is away; try again.', { cause });

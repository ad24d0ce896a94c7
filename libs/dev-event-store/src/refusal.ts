import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/** A call's end with an error, as EventStoreDB tells it: the kind stands in the trailer `exception`. */
export type Refusal = Partial<StatusObject> & { readonly code: status; readonly details: string };

/** The refusal as an error that a call can be ended with. */
export const errorOf = (refusal: Refusal): Error & Refusal =>
  Object.assign(new Error(refusal.details), refusal);

const refusal = (code: status, details: string, trailers: Readonly<Record<string, string>> = {}): Refusal => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
};

export const accessDenied = (): Refusal =>
  refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const unauthenticated = (): Refusal => refusal(status.UNAUTHENTICATED, 'Unauthenticated');

export const notLeader = (host: string, port: number): Refusal =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const unavailable = (): Refusal => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

export const invalidArgument = (details: string): Refusal => refusal(status.INVALID_ARGUMENT, details);

export const timedOut = (): Refusal => refusal(status.ABORTED, 'Operation timed out');

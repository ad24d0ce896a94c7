import { performance } from 'node:perf_hooks';

/** An instant of the monotonic clock, in milliseconds, by which an answer is wanted. */
export type Deadline = number;

/**
 * Now, on a clock that nobody sets: a stepped system clock neither ends our patience early nor draws it out.
 */
export const monotonicMs = (): number => performance.now();

/**
 * The same instant as gRPC wants it: on the system's clock, which it reads once to start a timer (that is
 * monotonic) and once to tell the server. So only a clock that is stepped in the moment between can shorten or
 * draw out one call, and never the patience with which it is repeated.
 */
export const grpcDeadline = (deadline: Deadline): number => Date.now() + (deadline - monotonicMs());

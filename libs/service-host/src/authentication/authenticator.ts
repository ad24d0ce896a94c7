import type { Caller } from './caller.ts';

/** Throws `AuthenticationError`; never resolves to a guess. */
export interface Authenticator {
  /** A bearer token as it came. `channel` says how, for the record. */
  authenticate(token: string, channel?: 'api' | 'nats'): Promise<Caller>;
}

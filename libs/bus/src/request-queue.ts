/** A request that somebody outside published; nothing of it is verified yet. */
export interface SubmittedRequest {
  readonly natsSubject: string;
  /** The last part of the subject. It says whom to answer, never who asks: that is the JWT's word. */
  readonly requesterToken: string;
  /** Lower-case names; every value that was given. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The one bearer token of the `Authorization` header; absent where none or several were given. */
  readonly bearerToken?: string;
  readonly data: Uint8Array;
  /** 1 at the first delivery. */
  readonly delivery: number;
}

/** `ack`: settled for good (accepted or rejected). `retry`: deliver it again after a growing pause. */
export type RequestVerdict = 'ack' | 'retry';

/**
 * The durable queue in which outsiders publish requests.
 * - Crash: a message is delivered until a handler says `ack`, to one replica at a time; at least once.
 * - Duplicate: the same request may come again, from the queue or from the requester; handling must
 *   be idempotent.
 * - An error thrown by the handler counts as `retry`, and is logged.
 */
export interface RequestQueue {
  /** Returns how to stop: resolves when the requests in hand are handled. */
  consume(handler: (request: SubmittedRequest) => Promise<RequestVerdict>): () => Promise<void>;
}

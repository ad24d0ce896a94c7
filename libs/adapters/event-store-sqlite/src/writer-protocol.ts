import type { EventStoreErrorCode } from '@countersign/event-store';

/** One validated append on its way to the writer. */
export interface WriterAppend {
  readonly sequence: number;
  readonly stream: string;
  /** Revision that the first event will have: the stream must hold exactly the ones before. */
  readonly first: number;
  /** Canonical (RFC 8785) texts. */
  readonly texts: readonly string[];
  readonly nowMs: number;
}

export type WriterRequest =
  { readonly kind: 'append'; readonly appends: readonly WriterAppend[] } | { readonly kind: 'close' };

/** A committed event as the file holds it. */
export interface StoredRow {
  readonly position: number;
  readonly revision: number;
  readonly committedAtMs: number;
  readonly body: string;
}

export type WriterAnswer =
  | {
      readonly kind: 'appended';
      readonly sequence: number;
      readonly position: number;
      readonly committedAtMs: number;
    }
  /** `head` is -1 for an absent stream; `met` stands at the wanted revisions. */
  | {
      readonly kind: 'conflict';
      readonly sequence: number;
      readonly head: number;
      readonly met: readonly StoredRow[];
    }
  | { readonly kind: 'failed'; readonly sequence: number; readonly failure: Failure };

export interface Failure {
  readonly code: EventStoreErrorCode;
  readonly message: string;
}

export type WriterReply =
  | { readonly kind: 'ready'; readonly head: number }
  | { readonly kind: 'broken'; readonly failure: Failure }
  /** Sent after the commit: what it answers is durable. */
  | {
      readonly kind: 'answers';
      readonly answers: readonly WriterAnswer[];
      readonly head: number;
      readonly committed: boolean;
    };

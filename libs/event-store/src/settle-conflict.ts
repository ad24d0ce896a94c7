import { firstRevision } from './validate-append.ts';
import { EventStoreError } from './event-store-error.ts';
import type { AppendResult, ExpectedRevision } from './event-store.ts';

/** An event as a store holds it. */
export interface StoredText {
  /** Canonical (RFC 8785) text of the envelope. */
  readonly text: string;
  readonly result: AppendResult;
}

/** An append that met a stream which doesn't stand at the expected revision. */
export interface Conflict {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly incoming: readonly { readonly id: string; readonly text: string }[];
  /** Revision of the stream's last event; -1 where there is none. */
  readonly head: number;
  /** What stands at the revisions that the append wanted, as far as there is any. */
  readonly stored: readonly StoredText[];
}

const idOf = (text: string): unknown => {
  const envelope: unknown = JSON.parse(text);
  return typeof envelope === 'object' && envelope !== null && 'id' in envelope ? envelope.id : undefined;
};

const sameBytes = ({ incoming, stored }: Conflict): boolean =>
  incoming.length === stored.length && incoming.every(({ text }, index) => text === stored[index]?.text);

const sharedId = ({ incoming, stored }: Conflict): string | undefined => {
  const ids = new Set(stored.map(({ text }) => idOf(text)));
  return incoming.find(({ id }) => ids.has(id))?.id;
};

/**
 * Tells a retry after a lost answer from a lost race, by the ids and bytes at the wanted revisions: the
 * same bytes get the first answer again, a known id with other bytes is `event_id_conflict`, everything
 * else `wrong_expected_revision`. No index over all ids is needed, so an append's cost stays flat.
 */
export const settleConflict = (conflict: Conflict): AppendResult => {
  const last = conflict.stored.at(-1);
  if (last !== undefined && sameBytes(conflict)) return last.result;
  const id = sharedId(conflict);
  const place = `${conflict.stream}@${firstRevision(conflict.expectedRevision)}`;
  if (id !== undefined) {
    throw new EventStoreError('event_id_conflict', `Event ${id} stands at ${place} with other content.`, {
      field: 'id',
    });
  }
  throw new EventStoreError(
    'wrong_expected_revision',
    `${conflict.stream} stands at ${conflict.head < 0 ? 'no-stream' : conflict.head}, not at ${conflict.expectedRevision}; reload and decide again.`,
    { field: 'expectedRevision' },
  );
};

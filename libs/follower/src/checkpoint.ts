import type { EventStore, Position, RecordedEvent } from '@countersign/event-store';
import type { ViewStatements } from './projection.ts';

/** Up to where a view has seen the log, and the last event that it was given: by it the log is known again. */
export interface Checkpoint {
  readonly position: Position;
  readonly last?: { readonly stream: string; readonly revision: number; readonly id: string } | undefined;
}

export const loadCheckpoint = (view: ViewStatements): Checkpoint | undefined => {
  const value = view.get("SELECT value FROM follower_meta WHERE key = 'checkpoint'")?.['value'];
  return value === undefined ? undefined : (JSON.parse(String(value)) as Checkpoint);
};

export const saveCheckpoint = (view: ViewStatements, checkpoint: Checkpoint): void =>
  view.run("INSERT OR REPLACE INTO follower_meta VALUES ('checkpoint', ?)", JSON.stringify(checkpoint));

/** The checkpoint after an event, or after a stretch of the log without one. */
export const checkpointAt = (
  position: Position,
  last: RecordedEvent | undefined,
  before: Checkpoint | undefined,
): Checkpoint => ({
  position,
  last: last === undefined ? before?.last : { stream: last.stream, revision: last.revision, id: last.id },
});

/** False where the store holds another log than the one the view was made from, as after a restore. */
export const isOfThisLog = async (store: EventStore, { last }: Checkpoint): Promise<boolean> => {
  if (last === undefined) return true;
  const [event] = await store.readStream(last.stream, { from: last.revision, limit: 1 });
  return event?.id === last.id;
};

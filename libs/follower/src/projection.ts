import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Category, RecordedEvent, UpcastTable } from '@countersign/event-store';

export type ViewRow = Record<string, SQLOutputValue>;

/** Statements over a view; each text is prepared once, so bind values instead of writing them into it. */
export interface ViewStatements {
  run(sql: string, ...values: SQLInputValue[]): void;
  get(sql: string, ...values: SQLInputValue[]): ViewRow | undefined;
  all(sql: string, ...values: SQLInputValue[]): ViewRow[];
}

/**
 * What a follower makes of the log: a view that can be thrown away and built again. Raise `version` when
 * `apply` changes its meaning; a change of the schema or of what is followed rebuilds by itself.
 */
export interface Projection {
  readonly name: string;
  readonly version: number;
  /** DDL of its tables. Names that start with `follower_` are taken. */
  readonly schema: string;
  readonly categories: readonly Category[];
  /** The event types that `apply` knows. */
  readonly types: readonly string[];
  /** `stop`: an event of another type ends the follower with `unknown_event_type`, and everything before it stands. */
  readonly unknownTypes: 'ignore' | 'stop';
  readonly upcasts?: UpcastTable;
  /**
   * Writes what an event means into the view. Called once per event and in order of revision per stream,
   * inside the transaction that moves the checkpoint. An error ends the follower: a wrong view must not go on.
   */
  apply(view: ViewStatements, event: RecordedEvent): void;
}

import { CodedError, type JsonObject } from '@countersign/kernel';

/** Turns the data of one schema version into that of the next; pure and total. */
export type Upcast = (data: JsonObject) => JsonObject;

/** Per event type the steps from version 1 to 2, 2 to 3 and so on. A type that isn't listed is at version 1. */
export type UpcastTable = Readonly<Record<string, readonly Upcast[]>>;

interface Versioned {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: JsonObject;
}

const stepsOf = (table: UpcastTable, type: string): readonly Upcast[] =>
  Object.hasOwn(table, type) ? (table[type] ?? []) : [];

/** The schema version in which this build writes a type. */
export const currentVersion = (table: UpcastTable, type: string): number => stepsOf(table, type).length + 1;

/**
 * Brings an event that was read to the current schema version; the log is never rewritten. Verify
 * signatures before: they hold for the event as it was written. A version newer than this build knows is
 * `unknown_event_version`, since guessing what it means could skip a revocation.
 */
export const upcast = <Event extends Versioned>(table: UpcastTable, event: Event): Event => {
  const steps = stepsOf(table, event.type);
  const known = steps.length + 1;
  if (event.schemaVersion === known) return event;
  if (event.schemaVersion > known) {
    throw new CodedError(
      'unknown_event_version',
      `${event.type} is of schema version ${event.schemaVersion}, this build knows ${known}; upgrade it.`,
      { field: 'schemaVersion' },
    );
  }
  const data = steps.slice(event.schemaVersion - 1).reduce((older, step) => step(older), event.data);
  return { ...event, data, schemaVersion: known };
};

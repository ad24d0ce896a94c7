/** Messages since the start, by kind. `published` counts what was handed to a live connection. */
export interface BusStats {
  readonly published: {
    readonly doorbell: number;
    readonly request: number;
    readonly reply: number;
    readonly announcement: number;
  };
  readonly received: { readonly doorbell: number; readonly call: number };
  readonly dropped: {
    /** Doorbells and announcements while the bus was down. */
    readonly whileDown: number;
    readonly malformedDoorbell: number;
    readonly malformedCall: number;
    /** Calls whose deadline had passed before they were begun. */
    readonly expiredCall: number;
  };
}

type Writable<T> = { -readonly [Member in keyof T]: Writable<T[Member]> };
export type BusCounters = Writable<BusStats>;

export const newBusCounters = (): BusCounters => ({
  published: { doorbell: 0, request: 0, reply: 0, announcement: 0 },
  received: { doorbell: 0, call: 0 },
  dropped: { whileDown: 0, malformedDoorbell: 0, malformedCall: 0, expiredCall: 0 },
});

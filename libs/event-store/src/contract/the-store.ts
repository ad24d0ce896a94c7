import type { EventStore } from '../event-store.ts';

/** Gives the store of the running test. */
export type TheStore = () => EventStore;

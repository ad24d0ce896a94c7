export { SqliteEventStore, type SqliteEventStoreOptions, type StoreCounters } from './sqlite-event-store.ts';

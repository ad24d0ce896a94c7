export { parseEsdbAddress, type EsdbAddress } from './esdb-address.ts';
export { EsdbEventStore, type EsdbEventStoreOptions } from './esdb-event-store.ts';

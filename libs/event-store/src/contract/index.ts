export { collect, Collector } from './collector.ts';
export { describeEventStore, type StoreUnderTest } from './describe-event-store.ts';
export { sampleAppend, sampleEvent, someEvents } from './sample-events.ts';

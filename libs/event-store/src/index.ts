export type {
  Actor,
  ActorVia,
  AppendSignature,
  EventEnvelope,
  EventMetadata,
  UnsignedMetadata,
} from './envelope.ts';
export { MAX_EVENT_BYTES } from './envelope.ts';
export { parseStreamName, streamName, WRITER_OF, type Category } from './categories.ts';
export type {
  AppendResult,
  EventStore,
  ExpectedRevision,
  Position,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from './event-store.ts';
export { EventStoreError, type EventStoreErrorCode } from './event-store-error.ts';

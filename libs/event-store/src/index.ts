export type {
  Actor,
  ActorVia,
  AppendSignature,
  EventEnvelope,
  EventMetadata,
  UnsignedEnvelope,
  UnsignedMetadata,
} from './envelope.ts';
export { MAX_EVENT_BYTES } from './envelope.ts';
export { parseStreamName, streamName, WRITER_OF, type Category } from './categories.ts';
export type {
  AppendResult,
  EventStore,
  ExpectedRevision,
  LogEnd,
  Position,
  ReadOptions,
  RecordedEvent,
  Subscriber,
  Subscription,
} from './event-store.ts';
export { EventStoreError, type EventStoreErrorCode } from './event-store-error.ts';
export { appendPreImage, signAppend, SignatureError } from './append-signature.ts';
export { sealedText } from './canonical-envelope.ts';
export { AppendVerifier, verifyAppends, type SignedEvent } from './append-verifier.ts';
export { MAX_REDECISIONS, retryOnConflict } from './conflict-retry.ts';
export { EventWriter, type AppendContext, type Appended, type EventWriterOptions } from './event-writer.ts';
export { envelopeFault } from './envelope-shape.ts';
export { Growth } from './growth.ts';
export { LogSubscription, type LogBatch, type LogEntry, type LogSource } from './log-subscription.ts';
export { settleConflict, type Conflict, type StoredText } from './settle-conflict.ts';
export { currentVersion, upcast, type Upcast, type UpcastTable } from './upcast.ts';
export { firstRevision, validateAppend, validateStream } from './validate-append.ts';

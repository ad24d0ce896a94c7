import { CodedError } from '@countersign/kernel';

export type EventStoreErrorCode =
  | 'wrong_expected_revision'
  | 'event_id_conflict'
  | 'malformed_event'
  | 'malformed_stream'
  | 'event_too_large'
  | 'append_uncertain'
  | 'store_full'
  | 'store_locked'
  | 'store_unavailable'
  /** What lies in the store can't be what was appended. */
  | 'store_corrupt'
  | 'store_closed'
  | 'unknown_position';

export class EventStoreError extends CodedError<EventStoreErrorCode> {
  override readonly name = 'EventStoreError';
}

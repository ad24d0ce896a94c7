import { CodedError } from '@countersign/kernel';

export type BusErrorCode = 'bus_unavailable' | 'deadline_exceeded' | 'malformed_message';

export class BusError extends CodedError<BusErrorCode> {
  override readonly name = 'BusError';
}

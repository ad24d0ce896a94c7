import { EventStoreError } from '@countersign/event-store';
import type { Failure } from './writer-protocol.ts';

/** A failure that came from the writer, as the error that whoever asked is given. */
export const errorOf = ({ code, message }: Failure): EventStoreError => new EventStoreError(code, message);

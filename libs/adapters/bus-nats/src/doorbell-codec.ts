import type { Doorbell } from '@countersign/bus';
import { parseStreamName } from '@countersign/event-store';
import { CodedError, isJsonObject } from '@countersign/kernel';
import { decodeMessage, encodeMessage } from './message-codec.ts';

const MAX_DOORBELL_BYTES = 2_048;

export const encodeDoorbell = ({ category, stream, revision, type, id }: Doorbell): Uint8Array =>
  encodeMessage({ category, stream, revision, type, id });

const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,512}$/.test(value);

/** A doorbell of this category with exactly its five members; undefined for anything else. */
export const decodeDoorbell = (data: Uint8Array, expectedCategory: string): Doorbell | undefined => {
  if (data.byteLength > MAX_DOORBELL_BYTES) return undefined;
  try {
    return parseDoorbell(decodeMessage(data), expectedCategory);
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
};

const parseDoorbell = (message: unknown, expectedCategory: string): Doorbell | undefined => {
  if (!isJsonObject(message) || Object.keys(message).length !== 5) return undefined;
  const { category, stream, revision, type, id } = message;
  if (category !== expectedCategory || !isName(stream) || !isName(type) || !isName(id)) return undefined;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0) return undefined;
  if (parseStreamName(stream).category !== category) return undefined;
  return { category, stream, revision, type, id };
};

import { CodedError, type Json } from '@countersign/kernel';
import { JsonScanner } from './json-scanner.ts';

/** Bytes of a request's body. */
export const MAX_BODY_BYTES = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new CodedError('malformed_json', 'The body is not UTF-8; send JSON in UTF-8.', { cause });
  }
};

const parseJson = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new CodedError('malformed_json', 'The body is not JSON; send one JSON object.', { cause });
  }
};

/**
 * Foreign bytes → JSON, refusing what RFC 8785 would silently repair or what a policy engine would read
 * in its own way. Codes: `too_large`, `malformed_json` (RFC 8259, UTF-8, no byte order mark),
 * `nesting_too_deep`, `duplicate_key`, `forbidden_key`, `lone_surrogate`, `unsafe_integer`,
 * `non_finite_number`; from the fourth on with the field.
 *
 * V8 decides what JSON is. The scan walks text that is already valid, and can only refuse.
 */
export const parseStrictJson = (bytes: Uint8Array, maxBytes = MAX_BODY_BYTES): Json => {
  if (bytes.byteLength > maxBytes) {
    throw new CodedError('too_large', `The body has ${bytes.byteLength} bytes; ${maxBytes} are allowed.`);
  }
  const text = decodeUtf8(bytes);
  const value = parseJson(text);
  new JsonScanner(text).scan();
  return value;
};

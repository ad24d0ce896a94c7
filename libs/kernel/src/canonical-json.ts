import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { CodedError } from './coded-error.ts';

/**
 * RFC 8785 (JCS) text of a JSON value. Values that JSON can't carry are refused with
 * `not_canonicalizable`, never repaired; strict parsing of foreign bytes happens before (domain-action).
 */
export const canonicalJson = (value: unknown): string => {
  const text = canonicalTextOf(value);
  if (text === undefined) {
    throw new CodedError('not_canonicalizable', 'The value has no JSON form; pass plain JSON data.');
  }
  return text;
};

const canonicalTextOf = (value: unknown): string | undefined => {
  try {
    return canonicalize(value);
  } catch (cause) {
    throw new CodedError(
      'not_canonicalizable',
      'The value has no RFC 8785 form; pass well-formed JSON data.',
      {
        cause,
      },
    );
  }
};

/** The UTF-8 bytes of {@link canonicalJson}. */
export const canonicalBytes = (value: unknown): Uint8Array => Buffer.from(canonicalJson(value), 'utf8');

/** base64url (RFC 4648 §5, unpadded) SHA-256 of bytes or of a text's UTF-8. 43 characters. */
export const sha256 = (data: Uint8Array | string): string =>
  createHash('sha256').update(data).digest('base64url');

/** base64url SHA-256 over the RFC 8785 form. */
export const canonicalDigest = (value: unknown): string => sha256(canonicalJson(value));

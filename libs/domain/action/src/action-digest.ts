import {
  canonicalJson,
  CodedError,
  deepFreeze,
  isJsonObject,
  sha256,
  type Json,
  type JsonObject,
} from '@countersign/kernel';
import type { ActionBody, ActionDigest, PrivilegedAction, Subject } from './action.ts';

/** RFC 8785 bytes of one action; leaves room for the envelope of the event that carries it. */
export const MAX_CANONICAL_BYTES = 48 * 1024;

type ActionParts = { readonly [Part in keyof PrivilegedAction]: unknown };

/**
 * base64url SHA-256 over the RFC 8785 form of the four parts, and of nothing else that the object carries.
 * `too_large` over 48 KiB, `not_canonicalizable` for what isn't JSON.
 */
export const actionDigest = ({ subject, action, resource, context }: ActionParts): ActionDigest => {
  const text = canonicalJson({ subject, action, resource, context });
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MAX_CANONICAL_BYTES) {
    throw new CodedError(
      'too_large',
      `The action has ${bytes} canonical bytes; ${MAX_CANONICAL_BYTES} are allowed.`,
    );
  }
  return sha256(text);
};

/** Joins the token's subject to the parsed body, once, at intake. The action can't be changed afterwards. */
export const bindAction = (
  subject: Subject,
  body: ActionBody,
): { readonly action: PrivilegedAction; readonly digest: ActionDigest } => {
  const action: PrivilegedAction = deepFreeze({
    subject,
    action: body.action,
    resource: body.resource,
    context: body.context,
  });
  return { action, digest: actionDigest(action) };
};

const withProperties = (part: Json | undefined): Json | undefined =>
  isJsonObject(part) && !Object.hasOwn(part, 'properties') ? { ...part, properties: {} } : part;

/**
 * Digest of an action that somebody says will be run, whatever shape it has: a part that is missing or
 * malformed has to meet `digest_mismatch` at redemption, not a complaint about its type.
 */
export const claimedActionDigest = (claimed: JsonObject): ActionDigest =>
  actionDigest({
    subject: withProperties(claimed['subject']),
    action: withProperties(claimed['action']),
    resource: withProperties(claimed['resource']),
    context: claimed['context'],
  });

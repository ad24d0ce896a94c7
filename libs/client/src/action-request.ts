import {
  parseActionBody,
  parsePrivilegedAction,
  parseStrictJson,
  type ActionBody,
  type ActionContext,
  type PrivilegedAction,
} from '@countersign/domain-action';
import {
  canonicalBytes,
  deepFreeze,
  isJsonObject,
  type EntityRef,
  type JsonObject,
} from '@countersign/kernel';

/** What a requester asks for; the subject comes from its token. */
export interface ActionRequest {
  readonly action: { readonly name: string; readonly properties?: JsonObject };
  readonly resource: EntityRef & { readonly properties?: JsonObject };
  readonly context: ActionContext;
}

/** What is sent to redemption: the bytes, and the action that they hold, frozen. */
export interface RedemptionText {
  readonly bytes: Uint8Array;
  readonly action: PrivilegedAction;
}

/**
 * The request as intake will read it, detached from the caller's object: what the caller changes there
 * afterwards changes nothing here. Throws intake's own codes (`invalid_field`, `too_large`, …).
 */
export const freezeRequest = (request: ActionRequest): ActionBody =>
  deepFreeze(parseActionBody(parseStrictJson(canonicalBytes(request))));

const actionPartsOf = (redemption: Uint8Array): JsonObject => {
  const sent = parseStrictJson(redemption);
  const members = isJsonObject(sent) ? Object.entries(sent) : [];
  return Object.fromEntries(members.filter(([name]) => name !== 'token' && name !== 'redemptionId'));
};

/** The action is parsed from the bytes that are sent, so nothing else can be run than what was redeemed. */
export const redemptionText = (
  action: PrivilegedAction,
  token: string,
  redemptionId: string,
): RedemptionText => {
  const { subject, action: name, resource, context } = action;
  const bytes = canonicalBytes({ subject, action: name, resource, context, token, redemptionId });
  return { bytes, action: deepFreeze(parsePrivilegedAction(actionPartsOf(bytes))) };
};

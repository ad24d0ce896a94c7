import type { EntityRef, JsonObject } from '@countersign/kernel';

/** AuthZEN 1.0 subject. It comes from the verified token alone. */
export interface Subject extends EntityRef {
  readonly properties: JsonObject & { readonly initiator?: string };
}

export interface ActionName {
  readonly name: string;
  readonly properties: JsonObject;
}

export interface Resource extends EntityRef {
  readonly properties: JsonObject;
}

/**
 * Everything the action needs besides its name and target; every member is bound by the digest.
 * `justification` is required, 1 to 2,000 characters.
 */
export interface ActionContext extends JsonObject {
  readonly justification: string;
}

/** The well-known members of a context; each optional but the justification, each checked where present. */
export interface WellKnownContext {
  readonly justification: string;
  readonly destination?: string;
  readonly impact?: string;
  /** argv of the command that will run. */
  readonly command?: readonly string[];
  /** The principal that redeems and runs, where that isn't the requester. */
  readonly executor?: EntityRef;
  readonly credential?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is reviewed, approved, redeemed and run: four parts, one digest. */
export interface PrivilegedAction {
  readonly subject: Subject;
  readonly action: ActionName;
  readonly resource: Resource;
  readonly context: ActionContext;
}

/** A request's body: an action without its subject. */
export type ActionBody = Omit<PrivilegedAction, 'subject'>;

/** base64url SHA-256 over the RFC 8785 form of a {@link PrivilegedAction}; 43 characters. */
export type ActionDigest = string;

/** How far the approval is enforced; told truthfully on card, event and audit. */
export type Enforcement = 'advisory' | 'guarded' | 'brokered';

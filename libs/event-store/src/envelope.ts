import type { EntityRef, JsonObject, ServiceName, Timestamp } from '@countersign/kernel';

/** How an actor reached us: the authenticated identity behind the principal, never a secret. */
export interface ActorVia {
  readonly channel: 'api' | 'nats' | 'service' | 'slack' | 'teams';
  readonly issuer?: string;
  readonly sub?: string;
}

/** On whose authority an event was appended; a service acting on its own is `{type: 'Service', id: 'countersign/<name>'}`. */
export interface Actor extends EntityRef {
  readonly via: ActorVia;
}

/**
 * The writer's Ed25519 signature over one append (see append-signature.ts). It stands alike on every
 * event of the append: revisions `first` to `first + count - 1`.
 */
export interface AppendSignature {
  readonly kid: string;
  readonly first: number;
  readonly count: number;
  /** base64url, 64 bytes. */
  readonly value: string;
}

export interface UnsignedMetadata {
  readonly occurredAt: Timestamp;
  /** The request's id, or the activation's: what the whole thread is found by. */
  readonly correlationId: string;
  /** Id of the event that caused this one; absent where a principal did. */
  readonly causationId?: string;
  readonly actor: Actor;
  readonly service: ServiceName;
  /** W3C Trace Context of the request's one trace. */
  readonly traceparent?: string;
}

export interface EventMetadata extends UnsignedMetadata {
  readonly signature: AppendSignature;
}

export interface EventEnvelope {
  /** UUID, random, made once per attempt; reused only to retry that same append after a lost answer. */
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
}

/** An envelope before its append is signed. */
export interface UnsignedEnvelope extends Omit<EventEnvelope, 'metadata'> {
  readonly metadata: UnsignedMetadata;
}

/** Canonical (RFC 8785) bytes of one envelope: it becomes a leaf of a transparency log. */
export const MAX_EVENT_BYTES = 65_535;

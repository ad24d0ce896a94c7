export { CodedError, codeOf, hasCode } from './coded-error.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export { canonicalBytes, canonicalDigest, canonicalJson, sha256 } from './canonical-json.ts';
export { deepFreeze, isDeepFrozen } from './deep-freeze.ts';
export {
  MAX_SKEW_MS,
  parseDurationMs,
  plusMs,
  timestampNow,
  toEpochMs,
  toTimestamp,
  type Clock,
  type Timestamp,
} from './time.ts';
export { SystemClock } from './system-clock.ts';
export { formatEntity, parseEntity, sameEntity, type EntityRef } from './entity-ref.ts';
export { SERVICE_NAMES, type ServiceName } from './service-name.ts';
export type { KeyRing, Signer } from './signer.ts';
export {
  decided,
  impossibleEvent,
  knownEvents,
  refused,
  UNCHANGED,
  unknownEventType,
  type DomainEvent,
  type Outcome,
} from './domain-event.ts';
export { fromVisible, isBlank, visible } from './visible-text.ts';

import type { AuditEvent } from '@countersign/contracts';
import type { AppendVerifier, EventStore, RecordedEvent } from '@countersign/event-store';
import { hasCode, isJsonObject, type JsonObject } from '@countersign/kernel';

/** The signed append that begins at `events[at]`, or that one event where it doesn't fit one. */
const appendAt = (events: readonly RecordedEvent[], at: number): readonly RecordedEvent[] => {
  const count = events[at]?.metadata.signature.count ?? 1;
  return events.slice(at, at + (Number.isSafeInteger(count) && count > 1 ? count : 1));
};

const isSigned = (verifier: AppendVerifier, append: readonly RecordedEvent[]): boolean => {
  const [head] = append;
  if (head === undefined) return true;
  try {
    verifier.verify(head.stream, append, head.revision);
    return true;
  } catch (error) {
    if (hasCode(error, 'signature_invalid')) return false;
    throw error;
  }
};

const asJson = (metadata: RecordedEvent['metadata']): JsonObject => {
  const { signature, actor, ...rest } = metadata;
  const json: unknown = { ...rest, actor: { ...actor }, signature: { ...signature } };
  return isJsonObject(json) ? json : {};
};

const toAudited = (event: RecordedEvent, signatureValid: boolean): AuditEvent => ({
  position: event.position,
  stream: event.stream,
  revision: event.revision,
  committedAt: event.committedAt,
  id: event.id,
  type: event.type,
  schemaVersion: event.schemaVersion,
  data: event.data,
  metadata: asJson(event.metadata),
  signatureValid,
});

/** Consecutive events of one stream, in whole appends, each with the verdict on its append. */
export const auditStream = (
  verifier: AppendVerifier,
  events: readonly RecordedEvent[],
): readonly AuditEvent[] => {
  const audited: AuditEvent[] = [];
  while (audited.length < events.length) {
    const append = appendAt(events, audited.length);
    const valid = isSigned(verifier, append);
    // A broken append says nothing of where it ends: look again at the next event.
    const judged = valid ? append : append.slice(0, 1);
    audited.push(...judged.map((event) => toAudited(event, valid)));
  }
  return audited;
};

const placeOf = ({ stream, revision }: Pick<RecordedEvent, 'stream' | 'revision'>): string =>
  `${stream}@${revision}`;

/** Whether the signature's own words place this event inside the append. A forged one may say anything. */
const isPlaced = ({ revision, metadata: { signature } }: RecordedEvent): boolean =>
  Number.isSafeInteger(signature.first) &&
  Number.isSafeInteger(signature.count) &&
  signature.first >= 0 &&
  signature.first <= revision &&
  revision < signature.first + signature.count;

/** The whole append of this event, where all of it is among these. */
const appendAmong = (
  events: ReadonlyMap<string, RecordedEvent>,
  { stream, metadata: { signature } }: RecordedEvent,
): readonly RecordedEvent[] | undefined => {
  const { first, count } = signature;
  if (count > events.size) return undefined;
  const revisions = Array.from({ length: count }, (_, index) => first + index);
  const append = revisions.flatMap((revision) => events.get(placeOf({ stream, revision })) ?? []);
  return append.length === count ? append : undefined;
};

/** Any events, in their own order: an append of which only a part is here is read whole to be verified. */
export const auditEvents = async (
  store: Pick<EventStore, 'readStream'>,
  verifier: AppendVerifier,
  events: readonly RecordedEvent[],
): Promise<readonly AuditEvent[]> => {
  const verdicts = new Map<string, AuditEvent>();
  const given = new Map(events.map((event) => [placeOf(event), event]));
  for (const event of events) {
    if (verdicts.has(placeOf(event))) continue;
    const { first, count } = event.metadata.signature;
    const append = isPlaced(event)
      ? (appendAmong(given, event) ?? (await store.readStream(event.stream, { from: first, limit: count })))
      : [event];
    for (const audited of auditStream(verifier, append)) verdicts.set(placeOf(audited), audited);
  }
  return events.map((event) => verdicts.get(placeOf(event)) ?? toAudited(event, false));
};

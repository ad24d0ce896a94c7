import type { DomainEvent, EntityRef, Timestamp } from '@countersign/kernel';

/** Somebody was shown this part of the record. On `evidence-<day>`, the UTC date. */
export type EvidenceRead = DomainEvent<
  'EvidenceRead',
  {
    readonly by: EntityRef;
    readonly what: 'case' | 'events';
    /** Of a case, and of events that were asked for by request. */
    readonly requestId?: string;
    /** What else was asked for. */
    readonly filters: Readonly<Record<string, string>>;
    /** How many events were shown, and the positions of the first and last of them. */
    readonly events: number;
    readonly first?: string;
    readonly last?: string;
    readonly readAt: Timestamp;
  }
>;

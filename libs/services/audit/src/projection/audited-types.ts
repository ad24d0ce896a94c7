import type { Category } from '@countersign/event-store';

/**
 * Every category, and every event type that this build knows. Audit stops at any other: a record with a
 * part left out in silence would be no record.
 */
export const AUDITED_TYPES = {
  request: ['ActionRequested'],
  review: [
    'PolicyEvaluated',
    'ReviewOpened',
    'DecisionRecorded',
    'ReviewEscalated',
    'ReviewApproved',
    'ReviewDenied',
    'ReviewExpired',
    'ReviewCancelled',
  ],
  reviewattempt: ['DecisionRefused'],
  grant: [
    'GrantOpened',
    'TokenIssued',
    'GrantRedeemed',
    'GrantRevoked',
    'GrantExpired',
    'ExecutionReported',
    'ExecutionUnreported',
  ],
  grantattempt: ['RedemptionRefused'],
  delivery: [
    'NotificationAttempted',
    'NotificationPosted',
    'NotificationUpdated',
    'NotificationFailed',
    'NotificationReminded',
  ],
  interaction: ['InteractionReceived', 'InteractionAnswered'],
  policyset: ['PolicyFileStored', 'PolicySetActivated'],
  evidence: ['EvidenceRead', 'EvidenceExported'],
  system: ['StoreInitialized'],
} as const satisfies Record<Category, readonly string[]>;

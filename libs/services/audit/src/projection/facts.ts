import type { RecordedEvent } from '@countersign/event-store';
import { isJsonObject, type Json } from '@countersign/kernel';

/**
 * What one event adds to what is known of its request. Facts are added and never changed, so the record as
 * it stood at any event is the facts up to that event.
 */
export interface Fact {
  /** `review` and `grant` are statuses; the latest holds. Of the others there may be several. */
  readonly kind: 'review' | 'grant' | 'environment' | 'policy' | 'approver';
  readonly value: string;
}

type Rule = (data: RecordedEvent['data']) => readonly Fact[];

const fact = (kind: Fact['kind'], value: Json | undefined): readonly Fact[] =>
  typeof value === 'string' ? [{ kind, value }] : [];

const always =
  (kind: 'review' | 'grant', status: string): Rule =>
  () => [{ kind, value: status }];

const ofEvaluation: Rule = ({ policies, catalogue }) => [
  ...(isJsonObject(catalogue) ? fact('environment', catalogue['environment']) : []),
  ...(Array.isArray(policies) ? policies : []).flatMap((policy) =>
    isJsonObject(policy) ? fact('policy', policy['id']) : [],
  ),
];

/** The statuses are those of `statusOf` in the thread's domain, told from single events. */
const RULES: Readonly<Record<'review' | 'grant', Readonly<Record<string, Rule>>>> = {
  review: {
    PolicyEvaluated: ofEvaluation,
    ReviewOpened: always('review', 'pending'),
    DecisionRecorded: ({ approver }) => fact('approver', approver),
    ReviewApproved: always('review', 'approved'),
    ReviewDenied: always('review', 'denied'),
    ReviewExpired: ({ cause }) => [
      { kind: 'review', value: cause === 'undeliverable' ? 'undeliverable' : 'expired' },
    ],
    ReviewCancelled: always('review', 'cancelled'),
  },
  grant: {
    GrantRedeemed: always('grant', 'redeemed'),
    GrantRevoked: always('grant', 'revoked'),
    GrantExpired: always('grant', 'grant_expired'),
    ExecutionReported: ({ status }) => fact('grant', status),
    ExecutionUnreported: always('grant', 'unreported'),
  },
};

const NOTHING: readonly Fact[] = [];

export const factsOf = (category: string, { type, data }: RecordedEvent): readonly Fact[] => {
  if (category !== 'review' && category !== 'grant') return NOTHING;
  const rules = RULES[category];
  return Object.hasOwn(rules, type) ? (rules[type]?.(data) ?? NOTHING) : NOTHING;
};

import type { Category, RecordedEvent } from '@countersign/event-store';
import type { DomainEvent } from '@countersign/kernel';

export interface Target {
  readonly id: string;
  readonly digest: string;
}

const NOW = (): string => new Date().toISOString();
const LONG = '2999-01-01T00:00:00.000Z';
const BOT = { type: 'Agent', id: 'etl-bot' };

/** What credentials would append to open a grant and hand out its token. */
export const openedGrant = ({ id, digest }: Target): readonly DomainEvent[] => [
  {
    type: 'GrantOpened',
    data: {
      grantId: id,
      requestId: id,
      digest,
      requester: BOT,
      redeemer: BOT,
      enforcement: 'advisory',
      approvers: ['alice'],
      openedAt: NOW(),
      expiresAt: LONG,
    },
  },
  { type: 'TokenIssued', data: { grantId: id, jti: 'forged', issuedAt: NOW(), expiresAt: LONG } },
];

/** As acme's policies have it. */
const GRANT_TTL_MS = 5 * 60_000;

/** What these events said of another request, said of this one and of now: plausible but for whoever signs it. */
export const retold = (
  events: readonly RecordedEvent[],
  { id }: Pick<Target, 'id'>,
): readonly DomainEvent[] => {
  const now = NOW();
  const times: Readonly<Record<string, string>> = {
    requestedAt: now,
    decidedAt: now,
    approvedAt: now,
    grantExpiresAt: new Date(Date.parse(now) + GRANT_TTL_MS).toISOString(),
  };
  return events.map(({ type, data }) => {
    const retimed = Object.entries(data).map(([name, value]): [string, unknown] => [
      name,
      times[name] ?? value,
    ]);
    return { type, data: { ...Object.fromEntries<unknown>(retimed), requestId: id } };
  });
};

interface Bystanding {
  readonly category: Category;
  readonly forge: (target: Target) => DomainEvent;
}

/** One plausible event of each category that nobody takes authority from. */
export const BYSTANDING: readonly Bystanding[] = [
  {
    category: 'reviewattempt',
    forge: ({ id }) => ({
      type: 'DecisionRefused',
      data: {
        requestId: id,
        by: { type: 'User', id: 'carol' },
        decision: 'approve',
        refusal: 'is_owner',
        via: { channel: 'api' },
        refusedAt: NOW(),
      },
    }),
  },
  {
    category: 'grantattempt',
    forge: ({ id }) => ({
      type: 'RedemptionRefused',
      data: { grantId: id, by: BOT, refusal: 'grant_revoked', refusedAt: NOW() },
    }),
  },
  {
    category: 'delivery',
    forge: ({ id }) => ({ type: 'NotificationPosted', data: { requestId: id, channel: 'log' } }),
  },
  {
    category: 'interaction',
    forge: ({ id }) => ({ type: 'InteractionReceived', data: { requestId: id } }),
  },
  {
    category: 'evidence',
    forge: ({ id }) => ({ type: 'EvidenceRead', data: { requestId: id, by: { type: 'User', id: 'dave' } } }),
  },
];

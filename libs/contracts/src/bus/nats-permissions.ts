/** Allow-lists of one NATS user; what stands in no list is refused by the server. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export type NatsUser = 'internal' | 'requester';

/** Where a user's answers arrive. Each has its own prefix, so that nobody can answer or hear for another. */
export const natsInboxPrefix = (user: NatsUser): string => `_INBOX_${user}`;

/**
 * The only place that says who may say and hear what on NATS; server configurations are rendered from
 * it. A requester may publish requests and hear what is told to requesters, and nothing else: no
 * internal subject, no JetStream API, not even its own inbox to publish to.
 */
export const natsPermissions: Readonly<Record<NatsUser, NatsPermissions>> = {
  internal: {
    publish: [
      'countersign.internal.>',
      'countersign.v1.>',
      `${natsInboxPrefix('internal')}.>`,
      '$JS.API.>',
      '$JS.ACK.>',
    ],
    subscribe: ['countersign.internal.>', 'countersign.v1.>', `${natsInboxPrefix('internal')}.>`],
  },
  requester: {
    publish: ['countersign.v1.requests.*'],
    subscribe: [
      'countersign.v1.accepted.*',
      'countersign.v1.rejected.*',
      'countersign.v1.receipts.>',
      `${natsInboxPrefix('requester')}.>`,
    ],
  },
};

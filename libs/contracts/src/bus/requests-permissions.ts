import type { NatsPermissions } from './nats-permissions.ts';
import { REQUESTS_CONSUMER, REQUESTS_JETSTREAM } from './request-queue-names.ts';
import {
  acceptedNatsSubject,
  receiptNatsSubject,
  rejectedNatsSubject,
  requestNatsSubject,
} from './requester-subjects.ts';

/** Where JetStream answers intake's connection to the requesters' account. */
export const REQUESTS_INBOX_PREFIX = '_INBOX_intake_requests';

/** Queue and consumer are made by intake, since a server that lost its store must get them again. */
const QUEUE_CALLS = [
  '$JS.API.INFO',
  `$JS.API.STREAM.CREATE.${REQUESTS_JETSTREAM}`,
  `$JS.API.STREAM.INFO.${REQUESTS_JETSTREAM}`,
  `$JS.API.STREAM.UPDATE.${REQUESTS_JETSTREAM}`,
  `$JS.API.CONSUMER.CREATE.${REQUESTS_JETSTREAM}.${REQUESTS_CONSUMER}`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${REQUESTS_JETSTREAM}.${REQUESTS_CONSUMER}`,
  `$JS.API.CONSUMER.INFO.${REQUESTS_JETSTREAM}.${REQUESTS_CONSUMER}`,
  `$JS.API.CONSUMER.MSG.NEXT.${REQUESTS_JETSTREAM}.${REQUESTS_CONSUMER}`,
  `$JS.ACK.${REQUESTS_JETSTREAM}.${REQUESTS_CONSUMER}.>`,
];

/**
 * What intake may say and hear on the requesters' account: take from the queue, and tell what became of it. Who
 * may use JetStream can have the server publish to any subject of its account, which is why requests have an
 * account of their own in which no internal subject exists.
 */
export const requestsPermissions: NatsPermissions = {
  publish: [acceptedNatsSubject('*'), rejectedNatsSubject('*'), receiptNatsSubject('*', '*'), ...QUEUE_CALLS],
  subscribe: [`${REQUESTS_INBOX_PREFIX}.>`],
};

/** What one requester may say and hear: its own requests, and what becomes of them. It has no inbox. */
export const requesterPermissions = (requesterToken: string): NatsPermissions => ({
  publish: [requestNatsSubject(requesterToken)],
  subscribe: [
    acceptedNatsSubject(requesterToken),
    rejectedNatsSubject(requesterToken),
    receiptNatsSubject(requesterToken, '*'),
  ],
});

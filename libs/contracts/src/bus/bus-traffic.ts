import { WRITER_OF, type Category } from '@countersign/event-store';
import type { ServiceName } from '@countersign/kernel';
import { REVOKE_GRANT } from '../credentials/calls.ts';
import { CANCEL_REVIEW, REAUTHORIZE, RECORD_DECISION } from '../policy/calls.ts';
import { doorbellNatsSubject } from './bus-call.ts';
import { natsInboxPrefix, type NatsPermissions } from './nats-permissions.ts';

export interface CallTraffic {
  readonly natsSubject: string;
  readonly servedBy: ServiceName;
  readonly callers: readonly ServiceName[];
}

export interface DoorbellHearing {
  readonly category: Category;
  readonly heardBy: ServiceName;
  /** One replica of the group hears each ring; absent: each replica does. */
  readonly queue?: string;
}

/** The queue group under which every replica serves its calls. */
export const CALL_QUEUE = 'countersign';

const calledBy = (
  { natsSubject, service }: { readonly natsSubject: string; readonly service: ServiceName },
  ...callers: readonly ServiceName[]
): CallTraffic => ({ natsSubject, servedBy: service, callers });

/** Who calls whom. */
export const CALL_TRAFFIC: readonly CallTraffic[] = [
  calledBy(CANCEL_REVIEW, 'intake'),
  calledBy(RECORD_DECISION, 'notification'),
  calledBy(REAUTHORIZE, 'credentials'),
  calledBy(REVOKE_GRANT, 'intake'),
];

/** Who hears which doorbells. Who rings one is the category's only writer. */
export const DOORBELL_HEARINGS: readonly DoorbellHearing[] = [
  { category: 'request', heardBy: 'policy', queue: 'policy-reviews' },
  { category: 'review', heardBy: 'notification', queue: 'notification-cards' },
  { category: 'grant', heardBy: 'notification', queue: 'notification-cards' },
  { category: 'review', heardBy: 'intake' },
  { category: 'grant', heardBy: 'intake' },
];

/** Where a service's answers arrive. Each has its own prefix, so that nobody can hear for another. */
export const serviceInboxPrefix = (service: ServiceName): string => `_INBOX_${service}`;

/**
 * What one service of five apart may say and hear on the services' account. A subscription is allowed in its own
 * queue group alone, so that no service can take another's share. The answers it gives may go to the inboxes
 * of those that it serves.
 */
export const servicePermissions = (service: ServiceName): NatsPermissions => ({
  publish: [
    ...callsBy(service).map(({ natsSubject }) => natsSubject),
    ...callersOf(service).map((caller) => `${serviceInboxPrefix(caller)}.>`),
    ...categoriesOf(service).map(doorbellNatsSubject),
  ],
  subscribe: [
    ...callsTo(service).map(({ natsSubject }) => `${natsSubject} ${CALL_QUEUE}`),
    ...DOORBELL_HEARINGS.filter(({ heardBy }) => heardBy === service).flatMap(subscriptionsOf),
    ...(callsBy(service).length === 0 ? [] : [`${serviceInboxPrefix(service)}.>`]),
  ],
});

/**
 * Whether an answer to a call on this subject may go to this inbox. The server can't tell the calls of one service
 * apart; a caller that names the inbox of somebody else served here is refused by this.
 */
export const mayAnswerTo = (natsSubject: string, inbox: string): boolean => {
  const callers = CALL_TRAFFIC.find((call) => call.natsSubject === natsSubject)?.callers ?? [];
  return [...callers.map(serviceInboxPrefix), natsInboxPrefix('internal')].some((prefix) =>
    inbox.startsWith(`${prefix}.`),
  );
};

const callsBy = (service: ServiceName) => CALL_TRAFFIC.filter(({ callers }) => callers.includes(service));
const callsTo = (service: ServiceName) => CALL_TRAFFIC.filter(({ servedBy }) => servedBy === service);
const callersOf = (service: ServiceName) => [
  ...new Set(callsTo(service).flatMap(({ callers }) => [...callers])),
];

const categoriesOf = (service: ServiceName): string[] =>
  Object.entries(WRITER_OF).flatMap(([category, writer]) => (writer === service ? [category] : []));

/**
 * With a group: in that one alone. Without, the server would let it join any group; so it is given one that
 * nobody uses, beside the plain subscription, which closes all others.
 */
const subscriptionsOf = ({ category, heardBy, queue }: DoorbellHearing): string[] => {
  const natsSubject = doorbellNatsSubject(category);
  return queue === undefined ? [natsSubject, `${natsSubject} ${heardBy}-alone`] : [`${natsSubject} ${queue}`];
};

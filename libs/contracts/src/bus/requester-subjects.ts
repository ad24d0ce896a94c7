import type { EntityRef } from '@countersign/kernel';

/** One token of a NATS subject that names a requester: base64url of `Type::id`, so any id fits. */
export const requesterNatsToken = ({ type, id }: EntityRef): string =>
  Buffer.from(`${type}::${id}`, 'utf8').toString('base64url');

export const requestNatsSubject = (requesterToken: string): string =>
  `countersign.v1.requests.${requesterToken}`;
export const acceptedNatsSubject = (requesterToken: string): string =>
  `countersign.v1.accepted.${requesterToken}`;
export const rejectedNatsSubject = (requesterToken: string): string =>
  `countersign.v1.rejected.${requesterToken}`;
export const receiptNatsSubject = (requesterToken: string, requestId: string): string =>
  `countersign.v1.receipts.${requesterToken}.${requestId}`;

/** The requester's token in a subject of `requestNatsSubject`; undefined for any other subject. */
export const requesterTokenOf = (natsSubject: string): string | undefined =>
  /^countersign\.v1\.requests\.([A-Za-z0-9_-]+)$/.exec(natsSubject)?.[1];

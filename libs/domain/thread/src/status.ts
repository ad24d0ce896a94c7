export const REQUEST_STATUSES = [
  'received',
  'pending',
  'approved',
  'denied',
  'expired',
  'undeliverable',
  'cancelled',
  'redeemed',
  'succeeded',
  'failed',
  'unreported',
  'revoked',
  'grant_expired',
] as const;

/** Where one request stands: the one word that API, card, audit and CLI show. */
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** The question is answered; what a caller waits for. */
export const isSettled = (status: RequestStatus): boolean => status !== 'received' && status !== 'pending';

const CONTINUES: ReadonlySet<RequestStatus> = new Set(['received', 'pending', 'approved', 'redeemed']);

/** The request has ended. Only `unreported` may still become `succeeded` or `failed`, by a late report. */
export const isTerminal = (status: RequestStatus): boolean => !CONTINUES.has(status);

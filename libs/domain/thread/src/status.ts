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

import { NotifierError, type NotifierErrorCode } from '@countersign/notifier';

/** What a call would change: a message may stand twice, reading and opening a chat change nothing twice. */
export type CallEffect = 'sends' | 'repeatable';

export const retryAfterMs = (headers: Headers): { readonly retryAfterMs?: number } => {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1_000 } : {};
};

const codeOf = (status: number, effect: CallEffect): NotifierErrorCode => {
  // Not taken: too fast, the token is out of date, somebody else's edit was in between.
  if (status === 429 || status === 401 || status === 412 || status === 408) return 'channel_unavailable';
  if (status >= 500) return effect === 'sends' ? 'delivery_uncertain' : 'channel_unavailable';
  return 'channel_refused';
};

/** What an answer other than success says of the call. The connector's own words may repeat the card: left out. */
export const answeredFailure = (status: number, headers: Headers, effect: CallEffect): NotifierError =>
  new NotifierError(codeOf(status, effect), `Teams answered ${status}.`, retryAfterMs(headers));

const NEVER_CONNECTED: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

const systemCode = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error && 'code' in error.cause
    ? error.cause.code
    : undefined;

/** What it says of the call that no answer came. */
export const unanswered = (cause: unknown, effect: CallEffect): NotifierError => {
  const isUncertain = effect === 'sends' && !NEVER_CONNECTED.has(systemCode(cause));
  return new NotifierError(
    isUncertain ? 'delivery_uncertain' : 'channel_unavailable',
    'Teams gave no answer.',
    { cause },
  );
};

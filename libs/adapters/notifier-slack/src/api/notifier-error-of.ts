import { NotifierError } from '@countersign/notifier';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';

/** Of Slack's codes those after which nobody knows what was done. */
const DOUBTFUL = new Set(['internal_error', 'fatal_error', 'request_timeout', 'service_unavailable']);

/** Those that pass. */
const PASSING = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded', 'team_added_to_org']);

/** What fails before a byte of the call has left. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const MOST_DETAIL = 300;

/** What a failed call of Slack's API says of the message it was to show. */
export const notifierErrorOf = (cause: unknown, method: string): NotifierError => {
  if (cause instanceof NotifierError) return cause;
  if (cause instanceof WebAPIRateLimitedError) {
    const retryAfterMs = cause.retryAfter * 1_000;
    const message = `Slack takes no more calls of ${method} for ${cause.retryAfter} s.`;
    return new NotifierError('channel_unavailable', message, { cause, retryAfterMs });
  }
  if (isRateLimitWithoutTime(cause)) {
    return new NotifierError('channel_unavailable', `Slack takes no more calls of ${method} now.`, { cause });
  }
  if (cause instanceof WebAPIPlatformError) return ofPlatform(cause, method);
  if (cause instanceof WebAPIHTTPError) {
    const code = cause.statusCode >= 500 ? 'delivery_uncertain' : 'channel_unavailable';
    return new NotifierError(code, `Slack answered ${method} with HTTP ${cause.statusCode}.`, { cause });
  }
  const isUnsent = cause instanceof WebAPIRequestError && UNSENT.has(connectionCodeOf(cause.original));
  return isUnsent
    ? new NotifierError('channel_unavailable', `Slack can't be reached for ${method}.`, { cause })
    : new NotifierError('delivery_uncertain', `${method} ended without an answer of Slack.`, { cause });
};

/** The same for a call that only reads: there is nothing to be in doubt about. */
export const readErrorOf = (cause: unknown, method: string): NotifierError => {
  const error = notifierErrorOf(cause, method);
  return error.code === 'delivery_uncertain'
    ? new NotifierError('channel_unavailable', error.message, { cause })
    : error;
};

/** Slack's own code of a refusal: `channel_not_found`; undefined for any other failure. */
export const platformCodeOf = (error: unknown): string | undefined =>
  error instanceof WebAPIPlatformError ? error.data.error : undefined;

/** A 429 that doesn't say until when: Slack's client has no class for it. Nothing was done, all the same. */
const isRateLimitWithoutTime = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.startsWith('Retry header did not contain a valid timeout');

const ofPlatform = (cause: WebAPIPlatformError, method: string): NotifierError => {
  const { error, response_metadata: metadata } = cause.data;
  // What isn't one of Slack's codes was said by something in between.
  if (!/^[a-z_]{1,80}$/.test(error) || DOUBTFUL.has(error)) {
    return new NotifierError('delivery_uncertain', `Slack failed over ${method}.`, { cause });
  }
  if (PASSING.has(error)) {
    return new NotifierError('channel_unavailable', `Slack can't do ${method} now: ${error}.`, { cause });
  }
  const needed = 'needed' in cause.data ? [`needs ${String(cause.data.needed)}`] : [];
  const details = [...needed, ...(metadata?.messages ?? [])];
  const detail = details.length === 0 ? '' : ` (${details.join('; ').slice(0, MOST_DETAIL)})`;
  return new NotifierError('channel_refused', `Slack refuses ${method}: ${error}${detail}.`, { cause });
};

const connectionCodeOf = ({ cause }: Error): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';

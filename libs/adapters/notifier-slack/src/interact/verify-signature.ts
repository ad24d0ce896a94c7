import type { WebhookRequest } from '@countersign/notifier';
import { isValidSlackRequest } from '@slack/bolt';

/** Both ways: Slack's own verifier takes a timestamp of tomorrow. */
const WINDOW_MS = 300_000;

const TIMESTAMP = /^[0-9]{1,12}$/;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/** Whether these bytes were signed with that secret, within five minutes of now. */
export const isSigned = (
  { headers, rawBody }: Pick<WebhookRequest, 'headers' | 'rawBody'>,
  signingSecret: string,
  nowMs: number,
): boolean => {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  const signature = headers['x-slack-signature'] ?? '';
  if (!TIMESTAMP.test(timestamp) || !SIGNATURE.test(signature)) return false;
  const seconds = Number(timestamp);
  if (Math.abs(nowMs - seconds * 1_000) > WINDOW_MS) return false;
  return isValidSlackRequest({
    signingSecret,
    // Bytes that are no UTF-8 come out as others, and so fail the check.
    body: rawBody.toString('utf8'),
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': seconds },
    nowMilliseconds: nowMs,
  });
};

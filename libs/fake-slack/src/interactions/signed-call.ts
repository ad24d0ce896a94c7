import { createHmac } from 'node:crypto';

/** A call to the app's request URL, as Slack makes it. */
export interface SignedCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
}

/** Slack's signature, version 0: HMAC-SHA256 over `v0:<timestamp>:<raw body>`. */
export const signatureOf = (secret: string, timestamp: string, rawBody: Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex')}`;

export const signedCall = (payload: object, secret: string, nowMs: number): SignedCall => {
  const rawBody = Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  const timestamp = String(Math.floor(nowMs / 1_000));
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(secret, timestamp, rawBody),
    },
    rawBody,
  };
};

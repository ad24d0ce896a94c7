import type { SubmittedRequest } from '@countersign/bus';
import { requesterTokenOf } from '@countersign/contracts';
import type { JsMsg } from '@nats-io/jetstream';

/** What a message says, unverified; undefined where its subject names no requester. */
export const toSubmittedRequest = (message: JsMsg): SubmittedRequest | undefined => {
  const requesterToken = requesterTokenOf(message.subject);
  if (requesterToken === undefined) return undefined;
  const headers = lowerCased(message);
  const bearerToken = bearerOf(headers['authorization']);
  return {
    natsSubject: message.subject,
    requesterToken,
    headers,
    ...(bearerToken !== undefined && { bearerToken }),
    data: message.data,
    delivery: message.info.deliveryCount,
  };
};

const lowerCased = ({ headers }: JsMsg): Record<string, readonly string[]> => {
  const all = new Map<string, string[]>();
  for (const [name, values] of headers ?? []) {
    const key = name.toLowerCase();
    all.set(key, [...(all.get(key) ?? []), ...values]);
  }
  return Object.fromEntries(all);
};

const bearerOf = (values: readonly string[] | undefined): string | undefined =>
  values?.length === 1 ? /^Bearer ([A-Za-z0-9._-]+)$/i.exec(values[0] ?? '')?.[1] : undefined;

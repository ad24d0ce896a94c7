import { requestBody } from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
import { z } from 'zod';
import { requestCloudEvent } from '../requester-queue/cloud-event.ts';
import { acceptedMessage, receiptMessage, rejectedMessage } from '../requester-queue/messages.ts';

const REQUESTER = {
  requester: { description: 'base64url, unpadded, of `Type::id`, such as that of `Agent::etl-bot`' },
} as const;

interface Channel {
  readonly name: string;
  readonly address: string;
  readonly parameters: JsonObject;
  readonly action: 'send' | 'receive';
  readonly summary: string;
  readonly contentType: string;
  readonly payload: z.ZodType;
  readonly headers?: JsonObject;
}

const AUTHORIZATION = {
  type: 'object',
  required: ['Authorization'],
  properties: {
    Authorization: { type: 'string', description: '`Bearer ` and the requester’s identity token' },
  },
} as const;

/** Seen from here: what a requester publishes is received, what it hears is sent. */
const CHANNELS: readonly Channel[] = [
  {
    name: 'requests',
    address: 'countersign.v1.requests.{requester}',
    parameters: REQUESTER,
    action: 'receive',
    summary:
      'Ask for a privileged action. Only `accepted` means durable; repeat until it or `rejected` comes.',
    contentType: 'application/cloudevents+json',
    payload: requestCloudEvent.extend({ data: requestBody }),
    headers: AUTHORIZATION,
  },
  {
    name: 'accepted',
    address: 'countersign.v1.accepted.{requester}',
    parameters: REQUESTER,
    action: 'send',
    summary: 'A request is durable.',
    contentType: 'application/json',
    payload: acceptedMessage,
  },
  {
    name: 'rejected',
    address: 'countersign.v1.rejected.{requester}',
    parameters: REQUESTER,
    action: 'send',
    summary: 'A request is refused for good.',
    contentType: 'application/json',
    payload: rejectedMessage,
  },
  {
    name: 'receipts',
    address: 'countersign.v1.receipts.{requester}.{requestId}',
    parameters: { ...REQUESTER, requestId: { description: 'id of the request' } },
    action: 'send',
    summary: 'A request that came by NATS has changed. At least once; versions in between may be left out.',
    contentType: 'application/json',
    payload: receiptMessage,
  },
];

const schemaOf = (schema: z.ZodType): JsonObject =>
  z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as JsonObject;

const messageOf = ({ name, contentType, payload, headers }: Channel): JsonObject => ({
  name,
  contentType,
  payload: schemaOf(payload),
  ...(headers && { headers }),
});

const entriesOf = (entry: (channel: Channel) => JsonObject): JsonObject =>
  Object.fromEntries(CHANNELS.map((channel) => [channel.name, entry(channel)]));

/** AsyncAPI 3.0 of what requesters say and hear over NATS, from the schemas that validate. */
export const asyncApi = (version: string): JsonObject => ({
  asyncapi: '3.0.0',
  info: { title: 'Countersign for requesters on NATS', version },
  defaultContentType: 'application/json',
  channels: entriesOf(({ name, address, parameters }) => ({
    address,
    parameters,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
  })),
  operations: entriesOf(({ name, action, summary }) => ({
    action,
    summary,
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
  })),
  components: { messages: entriesOf(messageOf) },
});

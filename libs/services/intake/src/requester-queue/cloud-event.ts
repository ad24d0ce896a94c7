import { parseStrictJson } from '@countersign/domain-action';
import { canonicalJson, type Json } from '@countersign/kernel';
import { parseBySchema } from '@countersign/service-host';
import { z } from 'zod';

export const REQUEST_EVENT_TYPE = 'countersign.request.v1';

const name = z.string().min(1).max(200);

/** CloudEvents 1.0, JSON format, structured mode; extension attributes are allowed and unread. */
export const requestCloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: name,
  source: name,
  type: z.literal(REQUEST_EVENT_TYPE),
  datacontenttype: z.literal('application/json').optional(),
  data: z.json(),
});

export interface RequestCloudEvent {
  readonly id: string;
  readonly source: string;
  /** The body of a request, not yet parsed as an action. */
  readonly body: Json;
  /** CloudEvents tells events apart by source and id together. */
  readonly idempotencyKey: string;
}

/** Codes of strict JSON, `invalid_field`. */
export const parseCloudEvent = (bytes: Uint8Array): RequestCloudEvent => {
  const { id, source, data } = parseBySchema(requestCloudEvent, parseStrictJson(bytes));
  return { id, source, body: data, idempotencyKey: canonicalJson([source, id]) };
};

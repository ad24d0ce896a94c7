import { actionDigest } from '@countersign/contracts';
import { REQUEST_STATUSES } from '@countersign/domain-thread';
import { z } from 'zod';

const cloudEventId = z.string().describe('`id` of the CloudEvent that was published');

/** The request is durable; repeating it is safe. */
export const acceptedMessage = z.strictObject({
  id: cloudEventId,
  requestId: z.uuid(),
  digest: actionDigest,
});

/** Final: the same event will be refused again, unless `retryAfterS` says otherwise. */
export const rejectedMessage = z.strictObject({
  id: cloudEventId.optional().describe('absent where no CloudEvent could be read'),
  code: z.string().describe('stable, as in the problem documents of the HTTP API'),
  detail: z.string(),
  field: z.string().optional(),
  retryAfterS: z
    .int()
    .optional()
    .describe('present where the requester has reached a cap: seconds to wait before publishing it again'),
});

/** Informs, and is no authority: redemption asks the record. */
export const receiptMessage = z.strictObject({
  requestId: z.uuid(),
  status: z.enum(REQUEST_STATUSES),
  version: z.int().describe('grows with every event; ignore what is not newer than what you know'),
  receipt: z
    .string()
    .describe(
      'JWT (EdDSA, typ countersign-receipt+jwt) over rid, dig, status and version; its key is in the JWKS',
    ),
});

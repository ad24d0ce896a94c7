import { z } from 'zod';
import { callNatsSubject, provenCommand, type BusCall } from '../bus/bus-call.ts';
import { decisionBody, decisionView } from './decisions.ts';

const requestId = z.uuid();

/** What a channel says of the card that was clicked on. Recorded with the decision; it decides nothing. */
export const shownCard = z.strictObject({
  /** The message, as its channel names it. */
  message: z.string().min(1).max(1_000),
  cardVersion: z.int().min(1),
  /** Milliseconds that this version stood there before the click. */
  inViewMs: z.int().min(0).exactOptional(),
  /** Whether all of the request was shown before a decision was offered. */
  sawWhole: z.boolean(),
});
export type ShownCard = z.infer<typeof shownCard>;

/** `shown` is for clicks; beside somebody's own token it is refused. */
export const recordDecisionPayload = decisionBody.extend({ requestId, shown: shownCard.exactOptional() });
export const recordDecisionMessage = provenCommand(recordDecisionPayload);

/** notification → policy: a click, with the proof of who clicked. */
export const RECORD_DECISION: BusCall<z.infer<typeof recordDecisionMessage>, z.infer<typeof decisionView>> = {
  service: 'policy',
  natsSubject: callNatsSubject('policy', 'record-decision'),
  payload: recordDecisionMessage,
  reply: decisionView,
  deadlineMs: 2_500,
};

export const cancelReviewMessage = provenCommand(z.strictObject({ requestId }));
/** `approved`: nothing left to cancel here, the grant must be revoked instead. */
export const cancelReviewReply = z.strictObject({ result: z.enum(['cancelled', 'approved']) });

/** intake → policy, for the requester or its owner. Closed otherwise: `review_closed`. */
export const CANCEL_REVIEW: BusCall<
  z.infer<typeof cancelReviewMessage>,
  z.infer<typeof cancelReviewReply>
> = {
  service: 'policy',
  natsSubject: callNatsSubject('policy', 'cancel-review'),
  payload: cancelReviewMessage,
  reply: cancelReviewReply,
  deadlineMs: 2_500,
};

export const reauthorizePayload = z.strictObject({ requestId });
export const reauthorizeReply = z.discriminatedUnion('authorized', [
  z.strictObject({ authorized: z.literal(true), policySetDigest: z.string(), directoryDigest: z.string() }),
  z.strictObject({ authorized: z.literal(false), detail: z.string() }),
]);

/** credentials → policy, right before a redemption: does the active set still authorize this? */
export const REAUTHORIZE: BusCall<z.infer<typeof reauthorizePayload>, z.infer<typeof reauthorizeReply>> = {
  service: 'policy',
  natsSubject: callNatsSubject('policy', 'reauthorize'),
  payload: reauthorizePayload,
  reply: reauthorizeReply,
  deadlineMs: 2_500,
};

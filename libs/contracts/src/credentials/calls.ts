import { z } from 'zod';
import { callNatsSubject, provenCommand, type BusCall } from '../bus/bus-call.ts';
import { revocationView } from './grants.ts';

export const revokeGrantMessage = provenCommand(
  z.strictObject({
    requestId: z.uuid(),
    cause: z.literal('cancelled'),
    reason: z.string().min(1).max(2_000),
  }),
);

/** intake → credentials: cancelling after approval is a revocation, so that it races fairly with redemption. */
export const REVOKE_GRANT: BusCall<z.infer<typeof revokeGrantMessage>, z.infer<typeof revocationView>> = {
  service: 'credentials',
  natsSubject: callNatsSubject('credentials', 'revoke-grant'),
  payload: revokeGrantMessage,
  reply: revocationView,
  deadlineMs: 2_500,
};

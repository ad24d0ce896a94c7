import { CodedError, type Json } from '@countersign/kernel';
import type { BusCall } from './bus-call.ts';

/** As much of a bus as a call needs. */
export interface CallBus {
  request(
    natsSubject: string,
    message: Json,
    options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
  ): Promise<Json>;
}

/**
 * Makes one call between services, with the deadline of its contract. Throws what the bus throws
 * (`bus_unavailable`, `deadline_exceeded`, or the service's own refusal with its code), and
 * `malformed_message` where the answer isn't what the contract says.
 */
export const callService = async <Payload extends Json, Reply>(
  bus: CallBus,
  call: BusCall<Payload, Reply>,
  payload: Payload,
  signal?: AbortSignal,
): Promise<Reply> => {
  const answer = await bus.request(call.natsSubject, payload, {
    deadlineMs: call.deadlineMs,
    ...(signal && { signal }),
  });
  const reply = call.reply.safeParse(answer);
  if (reply.success) return reply.data;
  throw new CodedError(
    'malformed_message',
    `${call.service} answered something else than its contract says.`,
    {
      field: reply.error.issues[0]?.path.join('.'),
      cause: reply.error,
    },
  );
};
